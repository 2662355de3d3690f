/**
 * The demo, third bullet: publish with each QoS, and see the acknowledgement arrive.
 * Properties are looked at where messages are.
 */
import { describe, test } from 'node:test';
import { publish, screenshot, untilState, untilText, useDemo } from './support.mjs';

const NEWEST = '#publish-log li:first-child';

describe('with aedes', () => {
  const demo = useDemo();

  test('each_qos_ends_as_it_should', () =>
    demo.withPage(async (page) => {
      await publish(page, { topic: 'tests/none', payload: 'x', qos: 0 });
      await untilText(page, NEWEST, /tests\/none.*QoS 0.*sent · [\d.]+ ms/);
      await publish(page, { topic: 'tests/once', payload: 'x', qos: 1 });
      await untilText(page, NEWEST, /tests\/once.*QoS 1.*acknowledged · [\d.]+ ms/);
      await publish(page, { topic: 'tests/exactly', payload: 'x', qos: 2, retain: true });
      await untilText(page, NEWEST, /tests\/exactly.*QoS 2 · retain.*acknowledged · [\d.]+ ms/);
      await screenshot(page, 'publish', { fullPage: true });
    }));

  test('without_a_network_it_waits_visibly_and_is_acknowledged_later', () =>
    demo.withPage(async (page) => {
      await demo.control('network', { up: false, seconds: 60 });
      await untilState(page, 'waiting');
      await publish(page, { topic: 'tests/later', payload: 'x', qos: 1 });
      await untilText(page, NEWEST, /tests\/later.*queued$/);
      await demo.control('network', { up: true });
      await untilText(page, NEWEST, /tests\/later.*acknowledged/);
    }));

  test('a_topic_that_is_none_fails_with_a_reason_and_nothing_else_is_disturbed', () =>
    demo.withPage(async (page) => {
      await publish(page, { topic: 'tests/+', payload: 'x' });
      await untilText(page, NEWEST, /tests\/\+.*invalid-argument/);
      await publish(page, { topic: 'tests/fine', payload: 'x' });
      await untilText(page, NEWEST, /tests\/fine.*acknowledged/);
    }));
});

describe('with mosquitto', () => {
  const demo = useDemo({ broker: 'mosquitto' });

  test('the_reason_code_of_5_0_is_shown', () =>
    demo.withPage(async (page) => {
      await publish(page, { topic: 'tests/lonely', payload: 'x', qos: 1 });
      await untilText(page, NEWEST, /acknowledged.*0x10 nobody subscribes/);
      await publish(page, { topic: 'devices/none/heard', payload: 'x', qos: 1 });
      await untilText(page, NEWEST, /acknowledged.*0x00 success/);
    }));
});
