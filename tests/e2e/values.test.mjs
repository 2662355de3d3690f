/**
 * `wasmqtt/payloads`, templates, `sample` and `latest` in a page, with its client in the page, in a worker and shared: a real
 * broker and real time. What comes when is the matter of the tests whose clock stands still.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);

const MODES = { page: {}, worker: { worker: true }, share: { share: true } };

/** A client in the page, and the modules. @param {import('puppeteer-core').Page} page @param {object} options */
const connect = (page, options) =>
  page.evaluate(
    async (url, options) => {
      globalThis.payloads = await import('/dist/payloads.js');
      globalThis.topics = await import('/dist/topics.js');
      globalThis.client = followed(wasmqtt.connect(url, options));
      await client.ready;
    },
    broker.url,
    options,
  );

for (const [mode, options] of Object.entries(MODES)) {
  for (const protocol of [5, 4]) {
    const root = `typed/${mode}/${protocol}`;

    pageTest(`typed values go both ways, and what is not valid is told of (${mode}, ${protocol})`, async ({ page }) => {
      await connect(page, { ...options, protocol });
      await peer.subscribe(`${root}/target`);
      await page.evaluate(async (root) => {
        const validate = async (value) =>
          typeof value?.on === 'boolean' ? { value } : { issues: [{ message: 'a boolean is wanted', path: ['on'] }] };
        const lamps = payloads.typed(client, { schema: { '~standard': { version: 1, vendor: 'test', validate } } });
        globalThis.seen = [];
        globalThis.told = [];
        client.on('error', (error) => told.push([error instanceof payloads.PayloadError, error.code, error.topic]));
        const handler = ({ value }, { id }) => {
          seen.push([id, value.on]);
          happened();
        };
        await lamps.subscribe(topics.template(`${root}/lamps/:id`), handler, { qos: 1, ack: 'after-handler' }).ready;
        globalThis.refused = await lamps.publish(`${root}/target`, { on: 'no' }).catch(({ code }) => code);
        await lamps.publish(`${root}/target`, { on: true }, { qos: 1 });
      }, root);
      const { text, packet } = await peer.next();
      assert.deepEqual(
        [text, packet.properties?.contentType],
        ['{"on":true}', protocol === 5 ? 'application/json' : undefined],
      );
      for (const [id, payload] of Object.entries({ a: '{"on":true}', b: '{"on":1}', c: '{', d: '{"on":false}' })) {
        await peer.publish(`${root}/lamps/${id}`, payload, { qos: 1 });
      }
      const found = await page.evaluate(async () => {
        await until(() => seen.length === 2);
        return { seen, told, refused };
      });
      assert.deepEqual(found, {
        seen: [
          ['a', true],
          ['d', false],
        ],
        told: [
          [true, 'invalid-payload', `${root}/lamps/b`],
          [true, 'invalid-payload', `${root}/lamps/c`],
        ],
        refused: 'invalid-payload',
      });
    });
  }

  pageTest(`of a burst the first and the newest are told, each at most so often (${mode})`, async ({ page }) => {
    await connect(page, options);
    await page.evaluate(async (mode) => {
      globalThis.all = collect(client, `burst/${mode}`, { qos: 1 });
      const watch = (options, work = () => {}) => {
        const seen = [];
        const handler = (message) => {
          seen.push([Number(message.text()), performance.now()]);
          happened();
          return work();
        };
        return { seen, subscription: client.subscribe(`burst/${mode}`, handler, { qos: 1, ...options }) };
      };
      globalThis.sampled = watch({ sample: 50 });
      globalThis.slow = watch({ latest: true }, idle);
      await Promise.all([all.ready, sampled.subscription.ready, slow.subscription.ready]);
    }, mode);
    const COUNT = 300;
    for (let number = 1; number <= COUNT; number++) {
      peer.publish(`burst/${mode}`, String(number), { qos: 1 });
    }
    const found = await page.evaluate(async (count) => {
      await all.count(count);
      await until(() => [sampled, slow].every(({ seen }) => seen.at(-1)?.[0] === count));
      return [sampled, slow].map(({ seen, subscription }) => ({ seen, dropped: subscription.dropped }));
    }, COUNT);
    for (const { seen, dropped } of found) {
      const numbers = seen.map(([number]) => number);
      assert.deepEqual([numbers[0], numbers.at(-1), numbers.length + dropped], [1, COUNT, COUNT]);
      assert.deepEqual(
        numbers,
        numbers.toSorted((one, other) => one - other),
      );
    }
    const [{ seen }] = found;
    assert.ok(
      seen.length - 2 <= (seen.at(-1)[1] - seen[0][1]) / 50,
      `${seen.length} in ${seen.at(-1)[1] - seen[0][1]} ms`,
    );
  });

  pageTest(`stores have the last values, and a slider publishes its newest (${mode})`, async ({ page }) => {
    await connect(page, options);
    await peer.publish(`last/${mode}/1`, '20', { qos: 1, retain: true });
    await peer.subscribe(`level/${mode}`);
    await page.evaluate(async (mode) => {
      const read = (message) => Number(message.text());
      globalThis.values = [];
      globalThis.store = payloads.last(client, `last/${mode}/+`, { qos: 1, read });
      globalThis.stop = store.subscribe((all) => {
        values.push(Object.fromEntries(all));
        happened();
      });
      await until(() => values.length === 2);
    }, mode);
    await peer.publish(`last/${mode}/2`, '21', { qos: 1 });
    const values = await page.evaluate(async () => {
      await until(() => values.length === 3);
      return values;
    });
    const [one, two] = [`last/${mode}/1`, `last/${mode}/2`];
    assert.deepEqual(values, [{}, { [one]: 20 }, { [one]: 20, [two]: 21 }]);
    const { id, results, dropped } = await page.evaluate(async (mode) => {
      stop();
      const levels = payloads.sampled(client, 50);
      const all = ['1', '2', '3'].map((level) => levels.publish(`level/${mode}`, level, { qos: 1 }));
      return { id: client.clientId, results: (await Promise.all(all)).map(({ qos }) => qos), dropped: levels.dropped };
    }, mode);
    assert.deepEqual([results, dropped], [[1, 1, 1], 1]);
    const [first, newest] = await peer.take(2);
    assert.deepEqual([first?.text, newest?.text], ['1', '3']);
    await broker.logged(new RegExp(`Received UNSUBSCRIBE from ${id}`));
  });
}
