/** The dashboard in React. */

import * as framework from './react/entries.mjs';
import { suite } from './suite.mjs';

await suite(framework);
