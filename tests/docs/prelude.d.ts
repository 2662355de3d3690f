/** What the examples of the guides have from the page that they stand in. */

/** The address of a broker. */
declare const url: string;
/** A client that is connected to it. */
declare const client: import('wasmqtt').Client;
/** Puts a value where people see it. */
declare function show(...values: unknown[]): void;
/** A token of the application's own server, and when it is worth nothing any more. */
declare function token(): Promise<{ value: string; expiresAt: Date }>;
/** Keeps what a message says. */
declare function store(message: import('wasmqtt').Message): Promise<void>;
/** The broker in memory that `url` leads to. */
declare const broker: import('wasmqtt/testing').Broker;

declare module '*.vue' {
  const component: import('vue').Component;
  export default component;
}

/** What bundlers make of it: its address, or its bytes. */
declare module 'wasmqtt/wasmqtt.wasm' {
  const wasm: string;
  export default wasm;
}
