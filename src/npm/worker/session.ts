/** The script of a worker whose session is stored. */

import { open } from '../session/port.js';
import { serve } from './host.js';

serve(() => open);
