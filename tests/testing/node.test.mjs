/** The broker in memory with the built client, in Node. */

import { test } from 'node:test';
import { connect } from '../../dist/index.js';
import { createBroker } from '../../dist/testing.js';
import { SCENARIOS } from './scenarios.js';

for (const [name, run] of Object.entries(SCENARIOS)) {
  test(name, { timeout: 60_000 }, () => run({ connect, createBroker }));
}
