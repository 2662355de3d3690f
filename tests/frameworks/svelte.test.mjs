/** The dashboard in Svelte. */

import { suite } from './suite.mjs';
import * as framework from './svelte/entries.mjs';

await suite(framework);
