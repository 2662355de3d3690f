/**
 * Pages that share a connection, of which one hangs: how they begin, what they do, and what is to have become of it. It does
 * not know which one hangs.
 */

import assert from 'node:assert/strict';
import { startMosquitto } from './mosquitto.mjs';
import { connectPeer } from './peer.mjs';
import { startProxy } from './proxy.mjs';
import { processOf } from './renderer.mjs';

export const CONNECTED = /New client connected/g;
export const TAKEN_OVER = /already connected, closing old connection/g;

export const join = (page, url, options = {}, qos = 2) =>
  page.evaluate(
    async (url, options, qos) => {
      globalThis.client = followed(wasmqtt.connect(url, { share: true, ...options }));
      globalThis.heard = [];
      globalThis.lines = diary(client);
      await client.ready;
      await client.subscribe('all', (message) => heard.push(message.text()), { qos }).ready;
    },
    url,
    options,
    qos,
  );

/** A broker of its own with somebody who hears everything, and pages; the first one leads. */
export async function begin(pages, count, { proxied = false, ...options } = {}) {
  const broker = await startMosquitto();
  const peer = await connectPeer(broker);
  await peer.subscribe('#');
  const line = proxied ? await startProxy(broker.wsPort) : undefined;
  const url = line?.url ?? broker.url;
  const all = await pages(count);
  for (const page of all) {
    await join(page, url, options);
  }
  await Promise.all(all.map((page) => page.evaluate((count) => until(() => client.sharing.pages === count), count)));
  assert.deepEqual(await places(all), ['this-page', ...all.slice(1).map(() => 'other-page')]);
  return { broker, peer, all, line };
}

export const places = (all) => Promise.all(all.map((page) => page.evaluate(() => client.sharing.place)));

/** Stops the process of a page, as SIGSTOP does; what is returned has it go on. */
export async function stop(browser, page) {
  const id = await processOf(browser, page);
  process.kill(id, 'SIGSTOP');
  return () => process.kill(id, 'SIGCONT');
}

/**
 * Has it loop, as a witness knows: what a page that loops says to the driver may wait for the end of that. `ended` is what
 * became of publishes right before that and right after it.
 */
export async function loop(page, witness, ms) {
  await witness.evaluate(() => {
    globalThis.begun = new Promise((resolve) => {
      new BroadcastChannel('loop').onmessage = resolve;
    });
  });
  const ended = page.evaluate(async (ms) => {
    const own = (text) => client.publish('own', text, { qos: 2 });
    const before = [own('before 1'), own('before 2')];
    // Some of what that asks for is done by then.
    await new Promise((resolve) => setTimeout(resolve, 20));
    before.push(own('before 3'));
    new BroadcastChannel('loop').postMessage('begins');
    await idle();
    const end = Date.now() + ms;
    while (Date.now() < end);
    const all = await Promise.all([...before, own('after 1'), own('after 2')]);
    return all.map(({ reasonCode }) => reasonCode);
  }, ms);
  await witness.evaluate(() => begun.then(() => true));
  return { ended };
}

export const publish = (page, topic, text, qos) =>
  page.evaluate(
    async (topic, text, qos) => {
      const begun = performance.now();
      await client.publish(topic, text, { qos });
      return performance.now() - begun;
    },
    topic,
    text,
    qos,
  );

/** What a page was told of the connection, since it was made. */
export const told = (page) => page.evaluate(() => lines.filter(([what]) => what !== 'state').slice(1)); // The first one is `connect`.

export const MOVED = [
  ['disconnect', 'connection-lost', true],
  ['connect', true],
];

export function eachOnce(peer, texts) {
  const counts = texts.map((text) => [text, peer.received.filter((message) => message.text === text).length]);
  assert.deepEqual(
    counts,
    texts.map((text) => [text, 1]),
  );
}
