/**
 * The demo for everybody: axe finds nothing in light, dark and at 390 px; all by keyboard; the theme is kept.
 * It does not replace a person who uses a screen reader.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import {
  fill,
  pickTopic,
  press,
  publish,
  screenshot,
  textOf,
  tick,
  untilState,
  untilText,
  useDemo,
} from './support.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const demo = useDemo();

/** What axe finds, in a form that can be read. */
async function findings(page) {
  // The policy of the page forbids foreign scripts; the test's own comes in by the debugger.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
    );
  });
}

/** The page with something in every panel, and everything unfolded but the menu that covers others. */
async function fillPage(page) {
  await page.waitForSelector('[data-device=pump][data-online=true]');
  await publish(page, { topic: 'tests/axe', payload: 'x', qos: 1 });
  await untilText(page, '#publish-log li:first-child', /acknowledged/);
  await press(page, '[data-scene=retained] button');
  await untilText(page, '[data-scene=retained] .steps', /RETAIN set/);
  await pickTopic(page, 'devices/meter/power');
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

for (const scheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    test(`axe_finds_nothing_at_${width}_px_in_${scheme}`, () =>
      demo.withPage(
        async (page) => {
          await screenshot(page, `${width}-${scheme}`, { fullPage: true });
          await fillPage(page);
          assert.deepEqual(await findings(page), []);
          await press(page, 'input[name=message-view][value=list]');
          await page.waitForSelector('#message-list .message');
          assert.deepEqual(await findings(page), []);
          assert.ok(
            await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
            'the page is wider than the window',
          );
          await screenshot(page, `${width}-${scheme}-all`, { fullPage: true });
        },
        { width, height: width === 390 ? 844 : 800, scheme },
      ));
  }
}

for (const scheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    test(`axe_finds_nothing_in_what_the_doctor_says_at_${width}_px_in_${scheme}`, () =>
      demo.withPage(
        async (page) => {
          await tick(page, '#settings', 'Any other', true);
          await fill(page, '#settings', 'Address', 'wss://127.0.0.1:8883/mqtt');
          await press(page, '#settings button[type=submit]');
          await untilState(page, 'waiting');
          await press(page, '#doctor button');
          await untilText(page, '.findings', /port of MQTT over TCP.*certificate may not be trusted.*Nothing listens/);
          assert.deepEqual(await findings(page), []);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
          await screenshot(page, `doctor-${width}-${scheme}`, { fullPage: true });
        },
        { width, height: width === 390 ? 844 : 800, scheme },
      ));
  }
}

test('axe_finds_nothing_while_disconnected', () =>
  demo.withPage(async (page) => {
    await press(page, '#connect-toggle');
    await untilState(page, 'off');
    assert.deepEqual(await findings(page), []);
    await screenshot(page, 'disconnected', { fullPage: true });
  }));

test('the_tabulator_reaches_every_control_and_focus_is_visible', () =>
  demo.withPage(async (page) => {
    await page.waitForSelector('[data-device=window] input');
    await press(page, '#pause');
    const reached = new Set();
    for (let step = 0; step < 250; step += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const active = document.activeElement;
        if (active === null || active === document.body) return undefined;
        const ringed = active.closest('.segments label') ?? active;
        const style = getComputedStyle(ringed);
        return {
          name: active.id || active.getAttribute('aria-label') || active.textContent?.trim() || active.tagName,
          visible: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0,
        };
      });
      if (seen === undefined) break;
      assert.ok(seen.visible || seen.name === 'live', `the focus on "${seen.name}" is not visible`);
      reached.add(seen.name);
    }
    for (const name of [
      'Skip to the live data',
      'theme',
      'connect-toggle',
      'Subscribe',
      'Publish',
      'Unplug Pump',
      'Play: The network is cut',
      'topic-filter',
      'pause',
      'topic-table',
    ]) {
      assert.ok(reached.has(name), `"${name}" was not reached; reached were ${[...reached].join(', ')}`);
    }
  }));

test('a_change_of_the_connection_is_said_to_screen_readers', () =>
  demo.withPage(async (page) => {
    await untilText(page, '[role=status]', /^Connected/);
    await demo.control('network', { up: false, seconds: 60 });
    await untilText(page, '[role=status]', /Connection lost, trying again/);
    await demo.control('network', { up: true });
    await untilText(page, '[role=status]', /^Connected/);
  }));

test('the_theme_is_chosen_by_the_button_and_kept', () =>
  demo.withPage(async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await press(page, '#theme');
    await press(page, '#theme');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.notEqual(await ground(), light);
    await page.reload();
    await untilState(page, 'connected');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.match(await page.$eval('#theme', (node) => node.getAttribute('aria-label')), /Theme: dark/);
    assert.equal(await textOf(page, 'h1'), 'wasmqtt live dashboard');
  }));
