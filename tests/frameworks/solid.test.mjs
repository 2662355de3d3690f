/** The dashboard in Solid. */

import * as framework from './solid/entries.mjs';
import { suite } from './suite.mjs';

await suite(framework);
