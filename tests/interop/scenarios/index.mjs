/** All scenarios, in the order of the table. It does not know the brokers. */

import { connections } from './connections.mjs';
import { features } from './features.mjs';
import { limits } from './limits.mjs';
import { messages } from './messages.mjs';
import { sessions } from './sessions.mjs';

/** @type {readonly import('../suite.mjs').Scenario[]} */
export const SCENARIOS = [...connections, ...messages, ...sessions, ...features, ...limits];
