/** Every scenario against this broker. */

import { mosquitto } from '../brokers/mosquitto.mjs';
import { suite } from '../suite.mjs';

await suite(mosquitto);
