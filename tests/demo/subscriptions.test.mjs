/**
 * The demo, second bullet, first half: subscriptions with their QoS and options.
 * It does not look at how messages are shown.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  choose,
  fill,
  pickTopic,
  press,
  publish,
  screenshot,
  subscribe,
  textOf,
  tick,
  unfold,
  untilText,
  useDemo,
} from './support.mjs';

const row = (filter) => `#subscriptions li[data-filter="${filter}"]`;

describe('with aedes', () => {
  const demo = useDemo();

  test('a_filter_is_granted_its_messages_are_counted_and_it_can_be_taken_back', () =>
    demo.withPage(async (page) => {
      await subscribe(page, 'tests/+/exact', 2);
      await untilText(page, row('tests/+/exact'), /granted QoS 2/);
      await publish(page, { topic: 'tests/a/exact', payload: 'one', qos: 2 });
      await untilText(page, `${row('tests/+/exact')} .count`, /^1$/);
      await press(page, `${row('tests/+/exact')} button`);
      await page.waitForFunction((selector) => document.querySelector(selector) === null, {}, row('tests/+/exact'));
      await publish(page, { topic: 'tests/a/exact', payload: 'two', qos: 1 });
      await untilText(page, '#publish-log li:first-child', /acknowledged/);
      await untilText(page, '#topic-table tr[data-topic="tests/a/exact"] td:nth-child(3)', /^1$/);
    }));

  test('what_3_1_1_lacks_is_disabled_and_explained', () =>
    demo.withPage(async (page) => {
      await unfold(page, '#subscriptions fieldset.five');
      assert.equal(await page.$eval('#subscriptions fieldset.five', (node) => node.disabled), true);
      assert.match(
        await textOf(page, '#subscriptions fieldset.five'),
        /Needs MQTT 5\.0; this connection speaks MQTT 3\.1\.1/,
      );
      await fill(page, '#subscriptions', 'Topic filter', '$share/group/tests');
      await untilText(page, '#subscriptions form', /no shared subscriptions/);
      await unfold(page, '#publish fieldset.five');
      assert.equal(await page.$eval('#publish fieldset.five', (node) => node.disabled), true);
      await screenshot(page, 'options-disabled', { fullPage: true });
    }));

  test('a_filter_that_is_none_is_refused_with_a_reason', () =>
    demo.withPage(async (page) => {
      await fill(page, '#subscriptions', 'Topic filter', 'tests/#/more');
      await press(page, '#subscriptions button[type=submit]');
      await untilText(page, row('tests/#/more'), /invalid-argument/);
    }));
});

describe('with mosquitto', () => {
  const demo = useDemo({ broker: 'mosquitto' });

  test('no_local_and_retain_handling_and_retain_as_published_are_obeyed', () =>
    demo.withPage(async (page) => {
      await publish(page, { topic: 'tests/kept', payload: 'kept', qos: 1, retain: true });
      await untilText(page, '#publish-log li:first-child', /acknowledged/);

      await tick(page, '#subscriptions', 'No local: not what this page publishes', true);
      await choose(page, '#subscriptions', 'Retained messages', '2');
      await subscribe(page, 'tests/kept');
      await untilText(page, row('tests/kept'), /no local, no retained/);
      await publish(page, { topic: 'tests/kept', payload: 'not for me' });
      await tick(page, '#subscriptions', 'No local: not what this page publishes', false);
      await tick(page, '#subscriptions', 'Retain as published', true);
      await choose(page, '#subscriptions', 'Retained messages', '0');
      await subscribe(page, 'tests/flag');
      await publish(page, { topic: 'tests/flag', payload: 'flagged', retain: true });
      await pickTopic(page, 'tests/flag');
      assert.match(await textOf(page, '#message-facts'), /Retainedyes/);
      // What came after it has arrived, so these would have arrived before.
      assert.equal(await textOf(page, `${row('tests/kept')} .count`), '0');
      assert.equal(await page.$('#topic-table tr[data-topic="tests/kept"]'), null);
      for (const topic of ['tests/kept', 'tests/flag']) await publish(page, { topic, payload: '', retain: true });
      await untilText(page, '#publish-log li:first-child', /acknowledged/);
    }));
});
