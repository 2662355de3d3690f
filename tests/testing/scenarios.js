/**
 * What the broker in memory does, asked with the package's own client: the same in Node and in a page. It knows neither
 * test runner: `given` has the package's exports.
 */

import { FEATURES } from './scenarios/features.js';
import { PLAYING } from './scenarios/playing.js';
import { VERSIONS } from './scenarios/versions.js';

export const SCENARIOS = { ...VERSIONS, ...FEATURES, ...PLAYING };
