/** Every scenario against this broker. */

import { rmqttd } from '../brokers/rmqttd.mjs';
import { suite } from '../suite.mjs';

await suite(rmqttd);
