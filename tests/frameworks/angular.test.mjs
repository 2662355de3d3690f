/** The dashboard in Angular, without its tools: there is nothing that replaces a module. */

import * as framework from './angular/entries.mjs';
import { suite } from './suite.mjs';

await suite(framework, { hot: false });
