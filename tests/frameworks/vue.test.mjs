/** The dashboard in Vue. */

import { suite } from './suite.mjs';
import * as framework from './vue/entries.mjs';

await suite(framework);
