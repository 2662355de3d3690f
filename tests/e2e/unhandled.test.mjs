/**
 * What a server, a wrong option or a mistrusted server ended is told, also where nobody awaits; what waits in code of the
 * application when that closes the client is not. Promises one by one are `rejections.test.mjs`'s matter.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { startScramServer } from '../support/scram-server.mjs';
import { startScripted } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED];
const silent = await startScripted(() => {});

/** Servers that end a client for good, and how it is told. */
const FATAL = /** @type {const} */ ({
  'a server that refuses': { url: () => refusing.url, code: 'connection-refused' },
  'a server that says "taken over"': { url: () => taking.url, code: 'taken-over' },
  'a connection that is not to come again': { url: () => leaving.url, code: 'connection-lost', reconnect: false },
  'an option of a wrong range': { url: () => silent.url, code: 'invalid-argument', keepAlive: -1 },
  'an option of a wrong type': { url: () => silent.url, code: 'invalid-argument', auth: 'secret' },
});

const refusing = await startPacketServer((_, line) => line.send(connack({ reasonCode: 0x8a })));
const taking = await startPacketServer((packet, line) => {
  line.send(packet.cmd === 'connect' ? connack() : { cmd: 'disconnect', reasonCode: 0x8e });
});
const leaving = await startPacketServer((packet, line) =>
  packet.cmd === 'connect' ? line.send(connack()) : line.close(),
);

for (const [name, { url, code, ...options }] of Object.entries(FATAL)) {
  pageTest(
    `nobody awaits: what ${name} ends is an unhandled rejection, and so is what is asked for later`,
    async ({ page }) => {
      const seen = await page.evaluate(
        async (url, options) => {
          const { told } = uncaught();
          const client = wasmqtt.connect(url, { protocol: 5, ...options });
          client.on('close', () => {});
          const all = () => {
            client.publish('a', '', { qos: 1 });
            client.request('a', '');
            client.requestMany('a', '').next();
            client.flush();
          };
          all();
          const { code } = await failure(client.closed);
          const codes = await told();
          all();
          client.ping();
          client.reauthenticate();
          const { cause } = await client.publish('a', '').catch((error) => error);
          return { code, codes, later: await told(), cause: cause.code };
        },
        url(),
        options,
      );
      assert.equal(seen.code, code);
      // What is asked for after connect saw a wrong option finds a client that is closed.
      const direct = name.includes('option') ? 'closed' : code;
      assert.deepEqual(seen.codes.sort(), [direct, direct, code, code].sort());
      assert.equal(seen.later.length, 6);
      assert.ok(
        seen.later.every((it) => it === 'closed' || it === code),
        seen.later.join(),
      );
      assert.equal(seen.cause, code);
    },
    { allowed },
  );
}

pageTest('a server that is not who it should be is no end by the application', async ({ page }) => {
  const server = await startScramServer({ alice: 'pencil' });
  server.forgesProof = true;
  const seen = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const { told } = uncaught();
    const client = wasmqtt.connect(url, { authentication: scram('alice', 'pencil') });
    client.on('error', () => {});
    client.subscribe('a', () => {});
    client.publish('a', '', { qos: 1 });
    client.request('a', '');
    const { code } = await failure(client.closed);
    return { code, codes: await told() };
  }, server.url);
  assert.deepEqual(seen, { code: 'auth', codes: ['auth', 'closed'] });
});

pageTest('a handler and a responder that were ended with the client are not reported', async ({ page }) => {
  const broker = await startMosquitto();
  const seen = await page.evaluate(async (url) => {
    const { told } = uncaught();
    const client = wasmqtt.connect(url, { protocol: 5 });
    const calls = [];
    const called = new Promise((resolve) => {
      const call = (name) => calls.push(name) === 3 && resolve();
      const stay = (name) => async () => {
        call(name);
        await client.request('nobody', '', { timeout: 60_000 });
      };
      client.subscribe('nobody', () => {});
      client.subscribe('handler', stay('handler'));
      client.respond('responder', stay('responder'));
      client.on('message', (message) => message.topic === 'handler' && stay('listener')());
      client.on('connect', stay('connect'));
    });
    client.publish('handler', '');
    client.request('responder', '');
    await called;
    client.close();
    await client.closed;
    return told();
  }, broker.url);
  assert.deepEqual(seen, []);
});
