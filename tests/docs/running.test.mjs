/** The examples that can be run do: in Chromium, on the broker in memory or, where they say so, on mosquitto. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, transform } from 'esbuild';
import { entries } from '../../scripts/docs/reference.mjs';
import { launch } from '../support/launch.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { blocks } from './blocks.mjs';

const LIMIT = 30_000;

/** These show what comes from elsewhere: from a dashboard, from the pages before. */
const SILENT = new Set(['broker.subscribe(', 'client.pending()']);

const examples = blocks().filter(({ flags }) => flags.some((flag) => flag.startsWith('run')));
const mosquitto = await startMosquitto();
const browser = await launch('chromium', {});

/** @type {Record<string, string>} */
const pages = {};
const imports = Object.fromEntries(
  entries().map(({ name, types }) => [name, `/dist/${types.replace(/^.*\/(.*)\.d\.ts$/, '$1.js')}`]),
);
// Packages of others, each as one module.
const named = examples.flatMap(({ code }) => [...code.matchAll(/ from '([^'.]+)'/g)].map(([, name = '']) => name));
for (const [index, name] of [...new Set(named)].filter((name) => !(name in imports)).entries()) {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${name}';`, resolveDir: ROOT },
    bundle: true,
    format: 'esm',
    write: false,
  });
  pages[`/package-${index}.js`] = outputFiles[0]?.text ?? '';
  imports[name] = `/package-${index}.js`;
}
for (const [index, { code, language, flags }] of examples.entries()) {
  const loader = language === 'tsx' ? 'tsx' : 'ts';
  const module = /^(?:import|export) /m.test(code) ? '' : 'export {};\n';
  pages[`/example-${index}.js`] = (await transform(code + module, { loader, format: 'esm', target: 'es2022' })).code;
  const address = flags.includes('run=mosquitto') ? JSON.stringify(mosquitto.url) : '';
  pages[`/example-${index}.html`] = `<!doctype html>
<title>example</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { begin, shown } from '/docs/prelude.js';
  globalThis.shown = shown;
  await begin(${address});
  await import('/example-${index}.js');
  globalThis.done = true;
</script>`;
}
const site = await startSite({ folders: { dist: join(ROOT, 'dist'), docs: join(ROOT, 'tests/docs') }, pages });

for (const [index, { name, code }] of examples.entries()) {
  test(`${name} runs`, { timeout: LIMIT }, async () => {
    const page = await browser.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error instanceof Error ? error.stack : error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    try {
      await page.goto(`${site.url}/example-${index}.html`);
      const ended = page.waitForFunction('globalThis.done === true', { timeout: LIMIT / 2 });
      await ended.catch((error) => assert.fail(`it did not come to its end: ${errors.join('; ') || error.message}`));
      if (code.includes('show(') && ![...SILENT].some((word) => code.includes(word))) {
        await page.waitForFunction('globalThis.shown.length > 0', { timeout: LIMIT / 2 });
      }
      assert.deepEqual(errors, []);
    } finally {
      await page.close();
    }
  });
}

test('there are examples that run', () => {
  assert.ok(examples.length >= 15);
});
