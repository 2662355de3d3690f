/** Every scenario against this broker. */

import { amqtt } from '../brokers/amqtt.mjs';
import { suite } from '../suite.mjs';

await suite(amqtt);
