/** Every scenario against this broker. */

import { iotcore } from '../brokers/iotcore.mjs';
import { suite } from '../suite.mjs';

await suite(iotcore);
