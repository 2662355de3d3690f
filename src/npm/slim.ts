/**
 * MQTT for web pages, with the WebAssembly in a file beside this one: smaller, and compiled while it arrives.
 * It needs a bundler that understands `new URL(..., import.meta.url)`, or none.
 */

import { Client } from './client.js';
import { load } from './load.js';
import type { ConnectOptions } from './types.js';

export type * from './api.js';
export { MqttError } from './errors.js';
export type { Subscription } from './subscription.js';
export type { Client };

/**
 * A client, usable at once: what is published waits for the connection, subscriptions register. Several addresses are
 * tried in turn. An address is of `ws:` or `wss:`, of `http:` or `https:`, which mean the same, or relative to the page;
 * user and password in it are those of CONNECT. A wrong address or option rejects `ready`.
 */
export function connect(url: string | URL | readonly (string | URL)[], options?: ConnectOptions): Client {
  return new Client(() => load(() => fetch(new URL('./wasmqtt.wasm', import.meta.url))), url, options);
}
