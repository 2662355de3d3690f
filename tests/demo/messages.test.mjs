/**
 * The demo, second bullet, second half: messages by topic and as a list; payload as text, JSON, hex; flags, properties.
 * It does not measure speed.
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
  untilText,
  useDemo,
} from './support.mjs';

const showPayload = (page, view) => press(page, `input[name=payload-view][value=${view}]`);
const showList = (page) => press(page, 'input[name=message-view][value=list]');

describe('with aedes', () => {
  const demo = useDemo();

  test('by_topic_the_last_value_the_count_and_the_rate_are_shown', () =>
    demo.withPage(async (page) => {
      const row = '#topic-table tr[data-topic="devices/greenhouse/temperature"]';
      await untilText(page, `${row} td.payload`, /^\d+\.\d\d/);
      await untilText(page, `${row} td:nth-child(3)`, /^([5-9]|\d\d+)$/);
      await untilText(page, `${row} td:nth-child(4)`, /^[1-9]/);
    }));

  test('a_payload_is_shown_as_text_json_and_hex_with_its_flags', () =>
    demo.withPage(async (page) => {
      await subscribe(page, 'tests/show', 2);
      await publish(page, { topic: 'tests/show', payload: '{"a":[1,"é"]}', qos: 2 });
      await pickTopic(page, 'tests/show');
      assert.equal(await textOf(page, '#payload'), '{"a":[1,"é"]}');
      await showPayload(page, 'json');
      await untilText(page, '#payload', /^\{\n {2}"a": \[\n {4}1,\n {4}"é"\n {2}\]\n\}$/);
      await showPayload(page, 'hex');
      await untilText(page, '#payload', /^0000 {2}7b 22 61 22 3a 5b 31 2c 22 c3 a9 22 5d 7d .*\{"a":\[1,"··"\]\}$/);
      assert.match(await textOf(page, '#message-facts'), /Size14 BQoS2RetainednoDuplicateno/);
      await screenshot(page, 'message');
    }));

  test('bytes_that_are_no_text_are_told_to_be_so', () =>
    demo.withPage(async (page) => {
      await subscribe(page, 'tests/bytes');
      await choose(page, '#publish', 'Written as', 'hex');
      await publish(page, { topic: 'tests/bytes', payload: 'ff 00 fe' });
      await pickTopic(page, 'tests/bytes');
      await untilText(page, '#message-detail', /Not valid UTF-8/);
      await showPayload(page, 'hex');
      await untilText(page, '#payload', /^0000 {2}ff 00 fe/);
    }));

  test('the_list_is_filtered_paused_and_walked_by_the_keyboard', () =>
    demo.withPage(async (page) => {
      await showList(page);
      await page.type('#topic-filter', 'devices/+/flow');
      await page.waitForFunction(() => {
        const topics = [...document.querySelectorAll('#message-list .topic')].map((each) => each.textContent);
        return topics.length >= 3 && topics.every((each) => each === 'devices/pump/flow');
      });
      await page.focus('#message-list');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      const picked = await page.$eval('#message-list [aria-selected=true]', (node) => ({
        id: node.id,
        place: node.getAttribute('aria-posinset'),
      }));
      assert.equal(picked.place, '2');
      assert.equal(await page.$eval('#message-list', (node) => node.getAttribute('aria-activedescendant')), picked.id);
      // Paused: what arrives is counted, and does not move what is read.
      await untilText(page, '#pause', /Resume \(\d+ new\)/);
      assert.equal(
        await page.$eval('#message-list [aria-selected=true]', (node) => node.getAttribute('aria-posinset')),
        '2',
      );
      assert.equal(await textOf(page, '#message-detail .title code'), 'devices/pump/flow');
      await screenshot(page, 'list');
      await press(page, '#pause');
      await untilText(page, '#pause', /^Pause$/);
    }));

  test('of_thousands_of_messages_only_the_rows_in_sight_are_in_the_page', () =>
    demo.withPage(async (page) => {
      await showList(page);
      await subscribe(page, 'load/#', 0);
      await demo.control('load', { rate: 4_000, seconds: 2 });
      await page.waitForFunction(
        () => Number(document.querySelector('#received').textContent.replace(/\D/g, '')) >= 8_000,
      );
      assert.ok((await page.$$('#message-list .message')).length < 60);
      await page.$eval('#message-list', (node) => {
        node.scrollTop = node.scrollHeight;
      });
      // Not row 5,000: while the list is held, what arrives pushes the oldest out.
      await page.waitForFunction(() =>
        [...document.querySelectorAll('#message-list .message')].some(
          (row) => row.ariaPosInSet === row.ariaSetSize && Number(row.ariaSetSize) > 4_500,
        ),
      );
    }));
});

describe('with mosquitto', () => {
  const demo = useDemo({ broker: 'mosquitto' });

  test('every_property_that_was_published_is_shown', () =>
    demo.withPage(async (page) => {
      await subscribe(page, 'tests/properties');
      await fill(page, '#publish', 'Content type', 'text/plain');
      await fill(page, '#publish', 'Expiry (s)', '500');
      await fill(page, '#publish', 'Response topic', 'tests/answer');
      await fill(page, '#publish', 'Correlation data', 'c-1');
      await fill(page, '#publish', 'User properties', 'unit: °C\nunit: K');
      await tick(page, '#publish', 'Mark the payload as text', true);
      await publish(page, { topic: 'tests/properties', payload: 'warm' });
      await pickTopic(page, 'tests/properties');
      const facts = await textOf(page, '#message-facts');
      assert.match(
        facts,
        /Content typetext\/plainFormatutf-8Expires in(500|499) sResponse topictests\/answerCorrelationc-1/,
      );
      assert.match(facts, /unit°CunitK$/);
      await screenshot(page, 'properties', { fullPage: true });
    }));
});
