/** Every scenario against this broker. */

import { rabbitmq } from '../brokers/rabbitmq.mjs';
import { suite } from '../suite.mjs';

await suite(rabbitmq);
