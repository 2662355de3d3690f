/**
 * Values of another realm, as an application has them from a frame or a window: what they are is told by what they are, not
 * by whose constructor made them. It does not know what becomes of them.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startScramServer } from '../support/scram-server.mjs';

const broker = await startMosquitto();
const scramServer = await startScramServer({ alice: 'pencil' });
const { pageTest } = await startBrowser();

/** A frame, and of each kind of payload one that is made there, which all say the same. */
function define() {
  globalThis.realm = document.body.appendChild(document.createElement('iframe')).contentWindow;
  const bytes = () => new realm.TextEncoder().encode('frame');
  globalThis.payloads = () => ({
    buffer: bytes().buffer,
    view: bytes(),
    data: new realm.DataView(bytes().buffer),
    words: new realm.Uint8ClampedArray(bytes()),
    blob: new realm.Blob(['frame']),
    file: new realm.File(['frame'], 'name'),
    string: 'frame',
  });
  globalThis.isForeign = () => {
    const { buffer, view, blob } = payloads();
    return !(buffer instanceof ArrayBuffer || view instanceof Uint8Array || blob instanceof Blob);
  };
}

for (const worker of [false, true]) {
  pageTest(`payloads of another realm are sent${worker ? ' (worker)' : ''}`, async ({ page }) => {
    await page.evaluate(define);
    const seen = await page.evaluate(
      async (url, worker) => {
        const client = wasmqtt.connect(url, { worker, protocol: 5 });
        await client.ready;
        const { messages, ready, count } = collect(client, `realm/${worker}/#`, { qos: 1 });
        await ready;
        for (const [kind, payload] of Object.entries(payloads())) {
          await client.publish(`realm/${worker}/${kind}`, payload, { qos: 1 });
        }
        await count(Object.keys(payloads()).length);
        const replies = [];
        for (const [kind, payload] of Object.entries(payloads())) {
          const responder = client.respond(`realm/answer/${kind}`, () => payload);
          await responder.ready;
          const reply = await client.request(`realm/answer/${kind}`, payload);
          replies.push(`${kind} ${reply.text()}`);
          await responder.stop();
        }
        const { buffer } = payloads();
        const correlated = client.publish(`realm/${worker}/end`, '', {
          correlationData: buffer,
          userProperties: realm.Array.of(realm.Array.of('a', 'b')),
        });
        await correlated;
        await count(Object.keys(payloads()).length + 1);
        const last = messages.at(-1).properties;
        await client.close();
        return {
          foreign: isForeign(),
          texts: messages.slice(0, -1).map((message) => `${message.topic.split('/').at(-1)} ${message.text()}`),
          replies,
          correlation: new TextDecoder().decode(last.correlationData),
          pairs: last.userProperties,
        };
      },
      broker.url,
      worker,
    );
    const all = ['buffer', 'view', 'data', 'words', 'blob', 'file', 'string'].map((kind) => `${kind} frame`);
    assert.deepEqual(seen, {
      foreign: true,
      texts: all,
      replies: all,
      correlation: 'frame',
      pairs: [['a', 'b']],
    });
  });
}

pageTest('what is no payload in any realm is refused', async ({ page }) => {
  await page.evaluate(define);
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    const values = [{}, [], null, undefined, 1, new Date(), new realm.Object(), new realm.String('x'), new realm.Map()];
    const errors = [];
    for (const value of values) {
      errors.push((await failure(client.publish('a', value))).code);
    }
    await client.close();
    return errors;
  }, broker.url);
  assert.deepEqual(seen, Array(9).fill('invalid-argument'));
});

pageTest("a frame's WebSocket works as the client's, with what it gives", async ({ page }) => {
  await page.evaluate(define);
  const seen = await page.evaluate(async (url) => {
    const factory = (address, protocols) => new realm.WebSocket(address, protocols);
    const client = wasmqtt.connect(url, { websocket: { factory } });
    await client.ready;
    const { messages, ready, count } = collect(client, 'realm/socket', { qos: 2 });
    await ready;
    const large = 'x'.repeat(100_000);
    await client.publish('realm/socket', 'small', { qos: 2 });
    await client.publish('realm/socket', large, { qos: 2 });
    await count(2);
    await client.close();
    return [isForeign(), messages[0].text(), messages[1].text() === large];
  }, broker.url);
  assert.deepEqual(seen, [true, 'small', true]);
});

pageTest('what functions and options give may be of another realm', async ({ page }) => {
  await page.evaluate(define);
  const seen = await page.evaluate(async (url) => {
    const { buffer, view } = payloads();
    const auth = () => realm.Promise.resolve({ username: 'someone', password: buffer });
    const client = wasmqtt.connect(new realm.URL(url), {
      auth,
      will: { topic: 'realm/will', payload: buffer, correlationData: view },
      signal: new realm.AbortController().signal,
      websocket: { protocols: realm.Array.of('mqtt') },
    });
    await client.ready;
    const error = await failure(client.publish('a', 'b', { qos: 1, signal: realm.AbortSignal.abort() }));
    await client.close();
    return error.code;
  }, broker.url);
  assert.equal(seen, 'aborted');
});

pageTest('a mechanism may answer with bytes of another realm', async ({ page }) => {
  await page.evaluate(define);
  const state = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const { method, start, challenge, success } = scram('alice', 'pencil');
    const foreign = (data) => {
      const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
      return new realm.TextEncoder().encode(text).buffer;
    };
    const authentication = {
      method,
      success,
      start: async (...context) => foreign(await start(...context)),
      challenge: async (...context) => ({ data: foreign(await challenge(...context)) }),
    };
    const client = wasmqtt.connect(url, { authentication });
    await client.ready;
    await client.reauthenticate();
    const { state } = client;
    await client.close();
    return state;
  }, scramServer.url);
  assert.equal(state, 'connected');
});
