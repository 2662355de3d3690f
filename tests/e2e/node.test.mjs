/**
 * The built package in Node, with the sockets of `ws`: what is not a browser has no page and no patience for errors
 * that nobody hears. It does not know the protocol's features.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { connect } from '../../dist/index.js';
import { freePorts, HOST } from '../support/net.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';

const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) =>
  /** @type {any} */ (new WebSocket(url, protocols));
const websocket = { factory };

// An error of a socket that nobody listens for is an exception that nobody catches, and fails the test.

test('a connection, and user and password of the address', async () => {
  const server = await startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack()));
  const client = connect(server.url.replace('//', '//alice:p%40ss@'), { websocket });
  assert.equal((await client.ready).url, server.url);
  await client.close();
  const [{ username, password } = { cmd: '' }] = await server.received('connect');
  assert.deepEqual([username, String(password)], ['alice', 'p@ss']);
  await server.received('disconnect');
});

test('a server that is not there is an error of opening', async () => {
  const [nobody = 0] = await freePorts(1);
  const url = `ws://${HOST}:${nobody}/`;
  const client = connect(url, { reconnect: { min: 1, max: 1, maxAttempts: 3 }, websocket });
  await assert.rejects(client.closed, { name: 'MqttError', code: 'connection-lost', phase: 'opening' });
});

test('a client that is closed while it connects', async () => {
  const server = await startPacketServer(() => {});
  /** @type {WebSocket[]} */
  const made = [];
  const keeps = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
    const socket = new WebSocket(url, protocols);
    made.push(socket);
    return /** @type {any} */ (socket);
  };
  const client = connect(server.url, { websocket: { factory: keeps } });
  await new Promise((resolve) => {
    client.on('state', ({ state }) => state === 'connecting' && resolve(undefined));
  });
  const [socket] = made;
  assert.equal(socket?.readyState, WebSocket.CONNECTING);
  const closed = new Promise((resolve) => socket?.once('close', resolve));
  await client.close();
  // `ws` says so by an error before it says that it is closed.
  assert.equal(await closed, 1006);
});

test('an address that is relative has nothing to be relative to', async () => {
  for (const address of ['/mqtt', 'mqtt', '//host/mqtt', '?x']) {
    const { ready } = connect(address, { websocket });
    await assert.rejects(ready, { code: 'invalid-argument', message: /there is no page/ }, address);
  }
});

const GONE = ['delete globalThis.WebSocket', 'globalThis.WebSocket = undefined'];
for (const gone of GONE) {
  test(`where there is no WebSocket, the client ends at once and says what to do (${gone})`, async () => {
    const script = `
      ${gone};
      const { connect } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      const errors = [];
      for (const url of ['ws://${HOST}:9', ['ws://${HOST}:9', 'ws://${HOST}:10']]) {
        const client = connect(url, { worker: Array.isArray(url) });
        client.on('error', () => {});
        const all = [client.ready, client.closed, client.publish('a', 'b', { qos: 1 }), client.subscribe('a').ready];
        for (const promise of all) {
          errors.push(await promise.then(() => 'done', ({ code, phase, retryable, message }) => ({ code, phase, retryable, message })));
        }
      }
      console.log(JSON.stringify(errors));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 20_000,
    });
    const errors = JSON.parse(stdout);
    assert.equal(errors.length, 8);
    for (const error of errors) {
      const message = 'there is no WebSocket here: give what makes one, as websocket: { factory }';
      assert.deepEqual(error, { code: 'unsupported', phase: 'opening', retryable: false, message });
    }
  });
}
