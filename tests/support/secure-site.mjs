/**
 * A site once more, over https, for what depends on that. It does not know what is served.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { atEnd } from './cleanup.mjs';
import { close, HOST, listen, portOf } from './net.mjs';

/**
 * @param {{ url: string }} site
 * @param {{ cert: string, key: string }} tls files
 */
export async function startSecureSite(site, tls) {
  const server = createServer(
    { cert: await readFile(tls.cert), key: await readFile(tls.key) },
    async (request, response) => {
      const file = await fetch(site.url + request.url);
      response.writeHead(file.status, { 'content-type': file.headers.get('content-type') ?? '' });
      response.end(Buffer.from(await file.arrayBuffer()));
    },
  );
  atEnd(async () => {
    server.closeAllConnections();
    await close(server);
  });
  await listen(server);
  return { url: `https://${HOST}:${portOf(server)}`, server };
}
