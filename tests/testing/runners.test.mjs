/** The broker in memory where people test: in vitest and in Jest, under their fake timers. It does not know what they test. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/site.mjs';

/**
 * What a runner reports: both write the same JSON.
 *
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {boolean} success
 * @property {{ name: string, message: string, assertionResults: { fullName: string, status: string, failureMessages?: string[] }[] }[]} testResults
 */

/** @param {string[]} args of Node @returns {Promise<Report>} */
async function reported(args) {
  // Its own, not that of the runner around it.
  const { NODE_OPTIONS, NODE_TEST_CONTEXT, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.error += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const start = output.out.indexOf('{"num');
  assert.ok(start >= 0, `${output.out}\n${output.error}`.slice(0, 5000));
  return JSON.parse(output.out.slice(start).trimEnd().split('\n')[0] ?? '');
}

/** @param {Report} report @param {number} count at least so many tests */
function passed(report, count) {
  const failures = report.testResults.flatMap(({ name, message, assertionResults }) => [
    ...(assertionResults.length === 0 ? [`${name}: ${message.slice(0, 2000)}`] : []),
    ...assertionResults
      .filter(({ status }) => status !== 'passed')
      .map(({ fullName, failureMessages = [] }) => `${fullName}: ${failureMessages.join('\n').slice(0, 2000)}`),
  ]);
  assert.deepEqual(failures, []);
  assert.ok(report.success);
  assert.ok(report.numPassedTests >= count, `${report.numPassedTests} tests`);
}

test('vitest', { timeout: 240_000 }, async () => {
  const config = join(ROOT, 'tests/testing/vitest/vitest.config.mjs');
  passed(await reported(['node_modules/vitest/vitest.mjs', 'run', '--config', config, '--reporter=json']), 22);
});

test('Jest', { timeout: 240_000 }, async () => {
  const config = join(ROOT, 'tests/testing/jest/jest.config.mjs');
  const jest = ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
  passed(await reported([...jest, '--config', config, '--json', '--silent']), 12);
});
