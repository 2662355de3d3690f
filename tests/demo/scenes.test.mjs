/**
 * The demo, fifth bullet: what MQTT is good at, visible in one click each; and the devices with their commands.
 * It looks at what a user sees, and knows nothing of how it comes about.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { press, screenshot, textOf, untilText, useDemo } from './support.mjs';

const scene = (id) => `[data-scene=${id}]`;
const play = (page, id) => press(page, `${scene(id)} button`);
const number = (page, id, name) =>
  page.$eval(`${scene(id)} [data-number="${name}"] dd`, (node) => Number(node.textContent.replace(/,/g, '')));

for (const broker of /** @type {const} */ (['aedes', 'mosquitto'])) {
  describe(`with ${broker}`, () => {
    const demo = useDemo({ broker });

    test('a_device_dies_its_will_arrives_and_it_is_brought_back', () =>
      demo.withPage(async (page) => {
        await page.waitForSelector('[data-device=pump][data-online=true]');
        await play(page, 'will');
        await untilText(page, `${scene('will')} .steps`, /Its will arrived: “offline”/);
        await page.waitForSelector('[data-device=pump][data-online=false]');
        await screenshot(page, `will-${broker}`);
        await untilText(page, `${scene('will')} button`, /Revive it/);
        await play(page, 'will');
        await untilText(page, `${scene('will')} .steps`, /is back/);
        await page.waitForSelector('[data-device=pump][data-online=true]');
      }));

    test('a_retained_value_arrives_on_subscribe', () =>
      demo.withPage(async (page) => {
        await play(page, 'retained');
        await untilText(page, `${scene('retained')} .steps`, /Arrived .* later: “written at [\d:.]+”, RETAIN set/);
        await screenshot(page, `retained-${broker}`);
      }));

    test('the_network_is_cut_messages_wait_and_nothing_is_lost', () =>
      demo.withPage(async (page) => {
        await play(page, 'network');
        await untilText(page, '.pill[data-state]', /Reconnecting/);
        await untilText(page, `${scene('network')} [data-number=waiting] dd`, /^[1-9]/);
        await screenshot(page, `network-cut-${broker}`);
        await untilText(page, `${scene('network')} .steps`, /lost$/);
        assert.match(
          await textOf(page, `${scene('network')} .steps`),
          /The network is cut.*Connection lost.*Connected again.*the session was kept.*120 sent, 120 acknowledged, 120 received, in order: nothing lost/,
        );
        for (const name of ['sent', 'acknowledged', 'received'])
          assert.equal(await number(page, 'network', name), 120, name);
        assert.equal(await number(page, 'network', 'missing'), 0);
        await untilText(page, '.pill[data-state]', /Connected/);
        await screenshot(page, `network-back-${broker}`);
      }));

    test('a_switch_and_a_setpoint_are_answered_by_the_device', () =>
      demo.withPage(async (page) => {
        const card = '[data-device=greenhouse]';
        await page.waitForSelector(`${card} .switch`);
        const before = await page.$eval(`${card} .switch`, (node) => node.getAttribute('aria-checked'));
        await press(page, `${card} .switch`);
        await untilText(page, `${card} .answer`, /Answered in [\d.]+ ms.*"heater":/);
        assert.notEqual(await page.$eval(`${card} .switch`, (node) => node.getAttribute('aria-checked')), before);
        const target = await page.$eval(`${card} input[type=range]`, (node) => node.valueAsNumber);
        await page.focus(`${card} input[type=range]`);
        await page.keyboard.press('ArrowRight');
        await untilText(page, `${card} .answer`, new RegExp(`"target":${target + 0.5}`));
      }));

    test('a_device_is_unplugged_and_plugged_in_at_its_card', () =>
      demo.withPage(async (page) => {
        await page.waitForSelector('[data-device=window][data-online=true]');
        await press(page, '[data-device=window] .foot button');
        await page.waitForSelector('[data-device=window][data-online=false]');
        await untilText(page, '#devices .aside', /3 of 4 online/);
        await press(page, '[data-device=window] .foot button');
        await page.waitForSelector('[data-device=window][data-online=true]');
      }));
  });
}
