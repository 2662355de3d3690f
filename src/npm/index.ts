/**
 * MQTT for web pages, with the WebAssembly inside: it works with every bundler and without one.
 * Where it may be a file of its own, `wasmqtt/slim` is smaller.
 */

import { base64 } from 'wasm:inline';
import { Client } from './api/client.js';
import type { ConnectOptions } from './api/connection.js';
import { preloading } from './api/preload.js';
import { inflated } from './port/inflate.js';
import { page, preloaded } from './port/page.js';

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
  return new Client(page(source), url, options);
}

/**
 * Loads the WebAssembly now and not with the first `connect`, which then has nothing to wait for: for a page that wants it
 * so, and for tests whose timers are not real. As often as you like; rejects with code `load` where it cannot be loaded, and
 * may be called again.
 */
export function preload(): Promise<void> {
  return preloading(preloaded(source));
}

const source = (): Promise<WebAssembly.Module> => inflated(base64);
