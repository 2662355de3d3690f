/** The pages of the benchmark, and each contestant's module below its name. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { close, HOST, listen, portOf } from '../support/net.mjs';

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>wasmqtt: benchmark</title>
<link rel="icon" href="data:,">
<script type="module" src="/page.js"></script>
`;

/** With these the page's clock tells 5 µs instead of 100. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** @param {readonly import('./contestants.mjs').Contestant[]} contestants */
export async function startSite(contestants) {
  /** @type {Map<string, [string, string | Buffer]>} */
  const files = new Map([
    ['/', ['text/html; charset=utf-8', PAGE]],
    ['/page.js', ['text/javascript', await readFile(new URL('./page.js', import.meta.url))]],
  ]);
  for (const { name, code, beside, wasm, parts } of contestants) {
    for (const [file, text] of parts) {
      files.set(`/${name}/${file}`, ['text/javascript', text]);
    }
    files.set(`/${name}/contestant.js`, ['text/javascript', code]);
    if (beside) {
      files.set(`/${name}/slim.js`, ['text/javascript', beside]);
    }
    if (wasm) {
      files.set(`/${name}/wasmqtt.wasm`, ['application/wasm', wasm]);
    }
  }
  const server = createServer((request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? [];
    response.writeHead(body === undefined ? 404 : 200, { ...ISOLATED, 'content-type': type ?? 'text/plain' }).end(body);
  });
  await listen(server);
  return {
    url: `http://${HOST}:${portOf(server)}`,
    async close() {
      server.closeAllConnections();
      await close(server);
    },
  };
}
