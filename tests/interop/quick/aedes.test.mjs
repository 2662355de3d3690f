/** Every scenario against this broker. */

import { aedes } from '../brokers/aedes.mjs';
import { suite } from '../suite.mjs';

await suite(aedes);
