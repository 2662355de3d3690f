/** Every scenario against this broker. */

import { mqttv5 } from '../brokers/mqttv5.mjs';
import { suite } from '../suite.mjs';

await suite(mqttv5);
