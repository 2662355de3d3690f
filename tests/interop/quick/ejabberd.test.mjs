/** Every scenario against this broker. */

import { ejabberd } from '../brokers/ejabberd.mjs';
import { suite } from '../suite.mjs';

await suite(ejabberd);
