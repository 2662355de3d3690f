/**
 * The demo, fourth bullet: live plots of numeric topics, and the choice among them.
 * It does not test the plotting library.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { press, screenshot, unfold, untilText, useDemo } from './support.mjs';

const demo = useDemo();

/** Waits until a curve is drawn: the canvas has points of the curve's own colour. */
const untilDrawn = (page, series) =>
  page.waitForFunction(
    (name) => {
      const place = document.querySelector(`figure[data-series="${name}"] .canvas`);
      const canvas = place?.querySelector('canvas');
      if (!canvas || canvas.width === 0) return false;
      const [red, green, blue] = getComputedStyle(place).color.match(/\d+/g).map(Number);
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (
          Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue) < 24 &&
          data[at + 3] > 200
        )
          found += 1;
      }
      return found > 15;
    },
    {},
    series,
  );

test('numeric_topics_and_json_fields_are_drawn_as_they_come', () =>
  demo.withPage(async (page) => {
    await untilDrawn(page, 'devices/greenhouse/temperature');
    await untilDrawn(page, 'devices/meter/power#watts');
    await untilText(page, 'figure[data-series="devices/pump/flow"] .num', /^\d/);
    await screenshot(page, 'plots');
  }));

test('the_menu_the_table_and_the_cross_choose_what_is_drawn', () =>
  demo.withPage(async (page) => {
    await untilText(page, '#plot-menu', /devices\/meter\/power · volts/);
    await unfold(page, '#plot-menu fieldset');
    await page.evaluate(() => {
      const label = [...document.querySelectorAll('#plot-menu label')].find((each) =>
        each.textContent.includes('volts'),
      );
      label.click();
    });
    await untilDrawn(page, 'devices/meter/power#volts');
    await page.focus('#plot-menu input');
    await page.keyboard.press('Escape');
    assert.equal(await page.$eval('#plot-menu', (node) => node.open), false);

    await press(page, '#topic-table tr[data-topic="devices/greenhouse/humidity"] button.icon');
    await untilDrawn(page, 'devices/greenhouse/humidity');
    await press(page, 'figure[data-series="devices/pump/flow"] button');
    await page.waitForFunction(() => document.querySelector('figure[data-series="devices/pump/flow"]') === null);
    assert.equal((await page.$$('figure.plot')).length, 5);
  }));

test('the_curve_takes_the_colours_of_the_theme', () =>
  demo.withPage(async (page) => {
    await untilDrawn(page, 'devices/greenhouse/temperature');
    const light = await page.$eval('figure .canvas', (node) => getComputedStyle(node).color);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await page.waitForFunction(
      (before) => getComputedStyle(document.querySelector('figure .canvas')).color !== before,
      {},
      light,
    );
    await untilDrawn(page, 'devices/greenhouse/temperature');
    await screenshot(page, 'plots-dark');
  }));
