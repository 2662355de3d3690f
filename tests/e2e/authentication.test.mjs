/**
 * Enhanced authentication and what expires, in a page, against a server of a few lines that speaks SCRAM-SHA-256.
 * It does not know how the packets are written: mqtt-packet reads and writes those of the server.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startScramServer } from '../support/scram-server.mjs';

const server = await startScramServer({ alice: 'pencil' });
const { pageTest } = await startBrowser();

pageTest('SCRAM-SHA-256 connects, and authenticates anew on the same connection', async ({ page }) => {
  const before = server.connections;
  const seen = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const client = wasmqtt.connect(url, { authentication: scram('alice', 'pencil') });
    const lines = diary(client);
    await client.ready;
    await client.reauthenticate();
    await client.reauthenticate({ timeout: 10_000 });
    const pong = await client.ping();
    await client.close();
    return { lines, pong };
  }, server.url);
  assert.equal(typeof seen.pong, 'number');
  assert.equal(server.connections - before, 1);
  assert.deepEqual(seen.lines[0], ['state', 'connecting']);
  assert.ok(!seen.lines.some(([type]) => type === 'disconnect' || type === 'error'));
});

pageTest('a wrong password is refused with code auth', async ({ page }) => {
  const error = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const client = wasmqtt.connect(url, { authentication: scram('alice', 'wrong') });
    return failure(client.ready);
  }, server.url);
  assert.deepEqual([error.code, error.reasonCode], ['auth', 0x87]);
  assert.ok(!JSON.stringify(error).includes('wrong'));
});

pageTest('a server that does not know the password is left', async ({ page }) => {
  server.forgesProof = true;
  const seen = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const client = wasmqtt.connect(url, { authentication: scram('alice', 'pencil') });
    const [error] = await Promise.all([next(client, 'error'), next(client, 'close')]);
    return { code: error.code, message: error.cause.message, state: client.state };
  }, server.url);
  server.forgesProof = false;
  assert.deepEqual(seen, { code: 'auth', message: 'the server does not know the password', state: 'closed' });
});

pageTest('a mechanism that throws ends the attempt, and the next one may succeed', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const good = scram('alice', 'pencil');
    let tries = 0;
    const authentication = {
      ...good,
      challenge: (data) => {
        tries++;
        if (tries === 1) {
          throw new Error('not now');
        }
        return good.challenge(data);
      },
    };
    const client = wasmqtt.connect(url, { authentication, reconnect: { min: 1, max: 1 } });
    const errors = [];
    client.on('error', (error) => errors.push([error.code, error.cause.message]));
    await client.ready;
    await client.close();
    return { errors, tries };
  }, server.url);
  assert.deepEqual(seen, { errors: [['auth', 'not now']], tries: 2 });
});

pageTest('a renewal that the application cannot answer leaves the connection as it is', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const good = scram('alice', 'pencil');
    const start = ({ again }) => {
      if (again) {
        throw new Error('offline');
      }
      return good.start();
    };
    const client = wasmqtt.connect(url, { authentication: { ...good, start } });
    client.on('error', () => {});
    await client.ready;
    const error = await failure(client.reauthenticate());
    const state = client.state;
    await client.ping();
    await client.close();
    return { code: error.code, state, later: (await failure(client.reauthenticate())).code };
  }, server.url);
  assert.deepEqual(seen, { code: 'auth', state: 'connected', later: 'closed' });
});

pageTest('what expires is renewed before, without being asked', async ({ page }) => {
  const renewed = server.renewals + 1;
  await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const good = scram('alice', 'pencil');
    // Ten seconds are the least: less would be a loop where a clock is wrong.
    const start = ({ again }) => ({ data: good.start(), ...(!again && { expiresAt: new Date(Date.now() + 1000) }) });
    globalThis.client = wasmqtt.connect(url, { authentication: { ...good, start } });
    await client.ready;
  }, server.url);
  await server.renewed(renewed);
  await page.evaluate(() => client.close());
});

pageTest('a method is not given up for an older version, and is refused where one is asked for', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const authentication = { method: 'SCRAM-SHA-256', challenge: () => '' };
    const codes = [];
    for (const options of [
      { authentication, protocol: 4 },
      { authentication: { method: 'x' } },
      { authentication: { challenge: () => '' } },
      { authentication: { ...authentication, other: 1 } },
    ]) {
      const client = wasmqtt.connect(url, options);
      codes.push((await failure(client.ready)).code);
    }
    return codes;
  }, server.url);
  assert.deepEqual(seen, ['unsupported', 'invalid-argument', 'invalid-argument', 'invalid-argument']);
});
