/** What pages that share a connection are promised, for many histories by chance. A seed that breaks a promise is named. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matches, RETAINED, World } from './world.mjs';

const SEEDS = 150;
const STEPS = 400;
const MANUAL = 64;
const QOS = 3;

/** How the engine is asked for it. */
const flagsOf = (flags) => ((flags & QOS) > 0 ? flags | MANUAL : flags & ~MANUAL);

/**
 * Each subscription of a page has had the messages that are its own, once, in their order, and from the time on at which it was
 * granted without a gap.
 */
function checkMessages(page, log, settled) {
  for (const [token, { filter, grantedAt = log.length, ended, live, retained }] of page.subscriptions) {
    const where = `${page.id}, ${token} (${filter})`;
    const own = log.flatMap(({ topic, text }, index) => (matches(filter, topic) ? [{ text, index }] : []));
    const places = live.map((text) => own.findIndex((message) => message.text === text));
    assert.ok(
      places.every((place, index) => place > (places[index - 1] ?? -1)),
      `${where}: not in their order, or twice: ${live}`,
    );
    const due = own.filter(({ index }) => index >= grantedAt).map(({ text }) => text);
    const had = live.filter((text) => due.includes(text));
    assert.deepEqual(had, settled && !ended ? due : due.slice(0, had.length), where);
    assert.equal(new Set(retained).size, retained.length, `${where}: told twice what is retained`);
    if (settled && !ended) {
      // Of a topic of which it has heard something newer, it need not be told.
      const heard = new Set(log.filter(({ text }) => live.includes(text)).map(({ topic }) => topic));
      const missing = RETAINED.filter(
        (topic) => matches(filter, topic) && !retained.includes(topic) && !heard.has(topic),
      );
      assert.deepEqual(missing, [], `${where}: what is retained`);
    }
  }
}

/** The server has those subscriptions that pages have, and no others. */
function checkSubscriptions({ living, engine }) {
  const key = ({ filter, flags }) => `${filter} ${flagsOf(flags)}`;
  const wanted = living.flatMap(({ subscriptions }) => [...subscriptions.values()].filter(({ ended }) => !ended));
  const had = [...engine.subscriptions.values()].map(({ filter, flags }) => `${filter} ${flags}`);
  assert.deepEqual([...new Set(had)].sort(), [...new Set(wanted.map(key))].sort(), 'subscriptions of the engine');
  assert.deepEqual(
    [...engine.granted.values()].sort(),
    [...engine.subscriptions.values()].map(({ filter }) => filter).sort(),
    'subscriptions of the server',
  );
}

/** Each delivery is acknowledged as often as it is due, and never more often. */
function checkAcknowledgements({ due, paid }, settled) {
  for (const [delivery, times] of paid) {
    assert.ok(times <= (due.get(delivery) ?? 0), `delivery ${delivery} is acknowledged ${times} times`);
  }
  if (settled) {
    assert.deepEqual(
      [...paid].sort(([one], [other]) => one - other),
      [...due],
    );
  }
}

test(`pages get what is their own, of ${SEEDS} histories by chance`, { timeout: 300_000 }, async () => {
  const sums = { pages: 0, messages: 0, told: 0 };
  const from = Number(process.env.FROM ?? 0);
  const seeds = Number(process.env.SEEDS ?? SEEDS);
  for (let seed = from; seed < from + seeds; seed++) {
    const world = new World(seed);
    try {
      for (let step = 0; step < STEPS; step++) {
        await world.step();
        checkAcknowledgements(world.engine, false);
      }
      await world.settle();
      for (const page of world.pages) {
        checkMessages(page, world.engine.log, !page.gone);
        assert.ok(page.gone || page.open.size === 0, `${page.id} is not answered: ${[...page.open]}`);
      }
      checkSubscriptions(world);
      checkAcknowledgements(world.engine, true);
    } catch (error) {
      throw new Error(`seed ${seed} (FROM=${seed} SEEDS=1): ${error.message}`, { cause: error });
    }
    sums.pages += world.pages.length;
    sums.messages += world.engine.log.length;
    for (const { subscriptions } of world.pages) {
      sums.told += [...subscriptions.values()].reduce((sum, { live }) => sum + live.length, 0);
    }
  }
  // Histories in which nothing happens prove nothing.
  assert.ok(sums.pages > seeds * 4 && sums.told > sums.messages, JSON.stringify(sums));
});
