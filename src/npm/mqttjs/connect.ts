/** From an address to a client. */

import { readOptions } from './address.js';
import { MqttClient } from './client.js';
import type { IClientOptions } from './types.js';

/** A client that connects to that address, with those options. */
export function connect(brokerUrl: string): MqttClient;
export function connect(opts: IClientOptions): MqttClient;
export function connect(brokerUrl: string, opts?: IClientOptions): MqttClient;
export function connect(brokerUrl: string | IClientOptions, opts?: IClientOptions): MqttClient {
  return new MqttClient(undefined, readOptions(brokerUrl, opts));
}

/** The same, once it is connected. Rejects with the first error, and without `allowRetries` when the first attempt fails. */
export function connectAsync(brokerUrl: string): Promise<MqttClient>;
export function connectAsync(opts: IClientOptions): Promise<MqttClient>;
export function connectAsync(brokerUrl: string, opts?: IClientOptions, allowRetries?: boolean): Promise<MqttClient>;
export function connectAsync(
  brokerUrl: string | IClientOptions,
  opts?: IClientOptions,
  allowRetries = true,
): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const client = connect(brokerUrl as string, opts);
    const ready = (): void => {
      settle();
      resolve(client);
    };
    const fail = (error: Error): void => {
      settle();
      client.end();
      reject(error);
    };
    const close = (): void => fail(new Error("Couldn't connect to server"));
    const settle = (): void => {
      client.off('connect', ready).off('end', ready).off('error', fail).off('close', close);
    };
    client.on('connect', ready).on('end', ready).on('error', fail);
    if (!allowRetries) {
      client.on('close', close);
    }
  });
}
