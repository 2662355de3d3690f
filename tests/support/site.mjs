/**
 * A static file server on a free port, and the page that loads the built package by `<script type="module">`.
 * It does not know the tests.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './cleanup.mjs';
import { close, HOST, listen, portOf } from './net.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves files from folders, by the first part of the path, and pages made here.
 *
 * @param {{ folders?: Record<string, string>, pages?: Record<string, string>, headers?: Record<string, Record<string, string>>, root?: string }} site
 *   `headers` of some pages, `root` the folder of what is nowhere else
 */
export async function startSite({ folders = {}, pages = {}, headers = {}, root }) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname);
    const page = pages[path];
    const [, name = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
    const folder = folders[name] === undefined ? root : folders[name];
    const below = folders[name] === undefined ? path : rest;
    try {
      if (page === undefined && folder === undefined) {
        throw new Error('there is no such page');
      }
      const body = page ?? (await readFile(join(folder ?? '', normalize(`/${below}`))));
      const type = TYPES[page === undefined ? extname(path) : extname(path) || '.html'];
      response
        .writeHead(200, {
          'content-type': type ?? 'application/octet-stream',
          // With `no-store` a page is not kept in the back/forward cache.
          'cache-control': 'no-cache',
          // A sandboxed frame is of another origin.
          'access-control-allow-origin': '*',
          ...headers[path],
        })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await listen(server);
  atEnd(async () => {
    server.closeAllConnections();
    await close(server);
  });
  return { url: `http://${HOST}:${portOf(server)}` };
}

/**
 * The page of the end-to-end tests: the package is `wasmqtt`, the helpers of `page-tools.js` are global.
 *
 * @param {'index' | 'slim'} entry
 */
export function packagePage(entry) {
  return `<!doctype html>
<meta charset="utf-8">
<title>wasmqtt</title>
<link rel="icon" href="data:,">
<script type="module">
  import * as wasmqtt from '/dist/${entry}.js';
  import * as tools from '/support/page-tools.js';
  Object.assign(globalThis, tools, { wasmqtt, loaded: true });
</script>
`;
}
