/**
 * Options that are `undefined` are as if they were not given: objects of options are often built of what may be.
 * It does not know what the options do.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

pageTest('connect: options that are undefined change nothing that is sent', async ({ page }) => {
  const server = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
  await page.evaluate(async (url) => {
    const names = (text) => Object.fromEntries(text.split(' ').map((name) => [name, undefined]));
    const will = { topic: 'gone', ...names('payload qos retain delay expiry contentType responseTopic') };
    const bare = { clientId: 'c', protocol: 5, will: { topic: 'gone' }, authentication: undefined };
    const full = {
      ...names('username password auth authentication keepAlive cleanStart sessionExpiry receiveMaximum'),
      ...names('maximumPacketSize topicAliasMaximum topicAliases requestResponseInformation connectTimeout signal'),
      ...names('requestProblemInformation checkPayloadFormat followServerReference userProperties'),
      reconnect: names('min max factor jitter maxAttempts'),
      queue: names('maxMessages maxBytes qos0'),
      websocket: names('protocols factory'),
      protocol: 5,
      clientId: 'c',
      will: { ...will, ...names('correlationData payloadFormat userProperties') },
    };
    for (const options of [bare, full]) {
      const client = wasmqtt.connect(url, options);
      await client.ready;
      await client.close();
    }
  }, server.url);
  const [bare, full] = await server.packets(1, 2);
  assert.equal(full, bare);
});

pageTest('everything else: options that are undefined have their defaults', async ({ page }) => {
  const peer = await connectPeer(broker);
  await peer.subscribe('undefined/#');
  const seen = await page.evaluate(async (url) => {
    const wait = { signal: undefined, timeout: undefined };
    const properties = { userProperties: undefined };
    const client = wasmqtt.connect(url);
    const all = { ...wait, ...properties, qos: undefined };
    const inbox = collect(client, 'undefined/a', { ...all, ack: undefined, retainHandling: undefined });
    const loop = client.subscribe('undefined/b', { ...all, buffer: { max: undefined, overflow: undefined } });
    const responder = client.respond(
      'undefined/c',
      () => ({ payload: 'reply', qos: undefined, retain: undefined }),
      all,
    );
    const granted = [await inbox.ready, await loop.ready].map(({ qos }) => qos);
    await responder.ready;
    const published = await client.publish('undefined/a', 'x', { ...all, retain: undefined, expiry: undefined });
    const reply = await client.request('undefined/c', '', { ...all, contentType: undefined });
    const replies = [];
    for await (const one of client.requestMany('undefined/c', '', { ...all, max: 1 })) {
      replies.push(one.qos);
    }
    await client.ping(wait);
    await client.flush(wait);
    const { reasonCode } = await loop.unsubscribe({ ...wait, ...properties });
    await client.close({ ...wait, ...properties, drain: undefined, sendWill: undefined, reasonString: undefined });
    return { granted, qos: published.qos, reply: reply.qos, replies, reasonCode };
  }, broker.url);
  assert.deepEqual(seen, { granted: [0, 0], qos: 0, reply: 1, replies: [1], reasonCode: 0 });
  // Requests have a QoS of 1 by default, and so has what a responder subscribes to.
  const requests = await peer.take(3);
  assert.deepEqual(
    requests.map(({ topic, packet }) => [topic, packet.qos]),
    [
      ['undefined/a', 0],
      ['undefined/c', 1],
      ['undefined/c', 1],
    ],
  );
  await peer.end();
});
