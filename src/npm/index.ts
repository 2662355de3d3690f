/**
 * MQTT for web pages, with the WebAssembly inside: it works with every bundler and without one.
 * Where it may be a file of its own, `wasmqtt/slim` is smaller.
 */

import { base64 } from 'wasm:inline';
import { Client } from './api/client.js';
import type { ConnectOptions } from './api/connection.js';
import { page } from './port/page.js';

export { MqttError } from './api/errors.js';
export type * from './api/public.js';
export type { Subscription } from './api/subscription.js';
export type { Client };

/**
 * A client, usable at once: what is published waits for the connection, subscriptions register. Several addresses are
 * tried in turn. An address is of `ws:` or `wss:`, of `http:` or `https:`, which mean the same, or relative to the page;
 * user and password in it are those of CONNECT. A wrong address or option rejects `ready`.
 */
export function connect(url: string | URL | readonly (string | URL)[], options?: ConnectOptions): Client {
  return new Client(page(inflated), url, options);
}

/** As a response, so that it is compiled while it is inflated. */
async function inflated(): Promise<Response> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // Not by `Uint8Array.from`: it is twenty times slower.
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = text.charCodeAt(at);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream, { headers: { 'Content-Type': 'application/wasm' } });
}
