/** The WebAssembly, loaded before it is needed. It does not know what it is. */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

for (const entry of /** @type {const} */ (['index', 'slim'])) {
  pageTest(
    `it is compiled once, for the page and for its workers (${entry})`,
    async ({ page }) => {
      const seen = await page.evaluate(async (url) => {
        let compiled = 0;
        for (const name of ['compile', 'compileStreaming', 'instantiateStreaming']) {
          const compile = WebAssembly[name];
          WebAssembly[name] = (...from) => {
            compiled++;
            return compile(...from);
          };
        }
        const first = wasmqtt.preload();
        const results = await Promise.all([first, wasmqtt.preload()]);
        results.push(await wasmqtt.preload());
        const states = [];
        for (const worker of [false, true, true]) {
          const client = wasmqtt.connect(url, { worker });
          await client.ready;
          states.push(client.state);
          await client.close();
        }
        return { compiled, results, states };
      }, broker.url);
      assert.deepEqual(seen, {
        compiled: 1,
        results: [null, null, null],
        states: ['connected', 'connected', 'connected'],
      });
    },
    { entry },
  );

  pageTest(
    `what fails is an error of the package, and may be tried again (${entry})`,
    async ({ page }) => {
      const seen = await page.evaluate(async (url) => {
        const { compile, compileStreaming } = WebAssembly;
        WebAssembly.compile = async () => {
          throw new Error('not today');
        };
        WebAssembly.compileStreaming = WebAssembly.compile;
        const errors = [];
        for (const promise of [
          wasmqtt.preload(),
          wasmqtt.connect(url).ready,
          wasmqtt.connect(url, { worker: true }).ready,
        ]) {
          const { ours, code, retryable } = await failure(promise);
          errors.push([ours, code, retryable]);
        }
        Object.assign(WebAssembly, { compile, compileStreaming });
        await wasmqtt.preload();
        const client = wasmqtt.connect(url);
        await client.ready;
        await client.close();
        return errors;
      }, broker.url);
      assert.deepEqual(
        seen,
        Array.from({ length: 3 }, () => [true, 'load', true]),
      );
    },
    { entry },
  );
}

pageTest(
  'slim takes the bytes, or their address in any of its forms',
  async ({ page, open }) => {
    for (const form of ['text', 'url', 'buffer', 'view']) {
      const { page: other } = form === 'text' ? { page } : await open('/slim.html');
      const seen = await other.evaluate(
        async (url, form) => {
          const address = '/dist/wasmqtt.wasm?given';
          const bytes = await (await fetch('/dist/wasmqtt.wasm')).arrayBuffer();
          const fetched = [];
          const { fetch: ask } = globalThis;
          globalThis.fetch = (what) => {
            fetched.push(String(what));
            return ask(what);
          };
          const wasm = {
            text: address,
            url: new URL(address, location.href),
            buffer: bytes,
            view: new Uint8Array(bytes),
          }[form];
          const loading = wasmqtt.preload({ wasm });
          const client = wasmqtt.connect(url);
          await client.ready;
          await loading;
          await client.close();
          return fetched.map((what) => what.endsWith(address));
        },
        broker.url,
        form,
      );
      assert.deepEqual(seen, form === 'text' || form === 'url' ? [true] : [], form);
    }
  },
  { entry: 'slim' },
);
