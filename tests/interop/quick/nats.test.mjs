/** Every scenario against this broker. */

import { nats } from '../brokers/nats.mjs';
import { suite } from '../suite.mjs';

await suite(nats);
