/**
 * MQTT for web pages, with the WebAssembly in a file beside this one: smaller, and compiled while it arrives.
 * It needs a bundler that understands `new URL(..., import.meta.url)`, or none.
 */

import { Client } from './api/client.js';
import type { ConnectOptions } from './api/connection.js';
import { MqttError } from './api/errors.js';
import { preloading } from './api/preload.js';
import { page, preloaded } from './port/page.js';

export type * from './api/public.js';
export type { Subscription } from './api/subscription.js';
export type { Client };
export { MqttError };

/**
 * A client, usable at once: what is published waits for the connection, subscriptions register. Several addresses are
 * tried in turn. An address is of `ws:` or `wss:`, of `http:` or `https:`, which mean the same, or relative to the page;
 * user and password in it are those of CONNECT. A wrong address or option rejects `ready`.
 */
export function connect(url: string | URL | readonly (string | URL)[], options?: ConnectOptions): Client {
  return new Client(page(source), url, options);
}

/** What `preload` takes. */
export interface PreloadOptions {
  /**
   * Where `wasmqtt.wasm` is, relative to the page, or what is in it. Default: the file beside the module, which a bundler has to
   * carry along; what understands no `new URL(..., import.meta.url)`, as Rollup and esbuild by themselves, does not.
   */
  wasm?: string | URL | ArrayBuffer | ArrayBufferView | undefined;
}

/**
 * Loads the WebAssembly now and not with the first `connect`, which then has nothing to wait for: for a page that wants it
 * so, and for tests whose timers are not real. As often as you like; rejects with code `load` where it cannot be loaded, and
 * may be called again. What is given as `wasm` holds for each `connect` that follows, also before the promise resolves.
 */
export function preload({ wasm }: PreloadOptions = {}): Promise<void> {
  given = wasm ?? given;
  return preloading(preloaded(source));
}

let given: PreloadOptions['wasm'];

async function source(): Promise<WebAssembly.Module> {
  try {
    if (given && typeof given === 'object' && !('href' in given)) {
      return await WebAssembly.compile(given as BufferSource);
    }
    const response = await fetch(given ?? new URL('./wasmqtt.wasm', import.meta.url));
    if (!response.ok) {
      throw new Error(`HTTP ${response.status}`);
    }
    try {
      return await WebAssembly.compileStreaming(response);
    } catch {
      // A server that does not know the type, or a test's idea of a response.
      return await WebAssembly.compile(await response.arrayBuffer());
    }
  } catch (cause) {
    throw new MqttError('load', HELP, { cause, retryable: true });
  }
}

const HELP =
  'wasmqtt.wasm could not be loaded: say where it is by preload({ wasm: url }) before connect, or import "wasmqtt", which has it inside';
