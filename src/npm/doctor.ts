/**
 * `wasmqtt/doctor`: why it does not connect. It tries what a page can try, and says what it found in plain words.
 */

import type { ConnectOptions } from './api/connection.js';
import { type Connect, tryMqtt } from './doctor/mqtt.js';
import { type Finding, Report } from './doctor/report.js';
import { addressOf, shown, shownOfOther, whyClosed } from './doctor/transport.js';
import { connect } from './index.js';

export type { Finding, FindingCode, Report, Severity } from './doctor/report.js';

/** What is tried beside connecting: only what is asked for. */
export interface DiagnoseOptions extends ConnectOptions {
  /** Filters to subscribe to, each on a connection of its own. Default: none. */
  trySubscribe?: readonly string[] | undefined;
  /** Topics to publish an empty message to, not retained, each on a connection of its own. Default: none. */
  tryPublish?: readonly string[] | undefined;
  /**
   * Whether `clientId` is what is tried: a client that has it is thrown out, and the server forgets its session. Otherwise
   * each connection has a generated one, with which a server may do otherwise. Default: false.
   */
  tryClientId?: boolean | undefined;
  /** Milliseconds of silence to try, to find the idle time-out of a proxy; it takes as long. Default: 0, not tried. */
  tryIdle?: number | undefined;
}

/**
 * Finds out why a client does not connect to that address with those options, which are those of `connect`, or what the server
 * is like where it does. Takes a few seconds. It leaves nothing at the server: no will, no session, no retained message. It
 * never rejects for what it finds.
 */
export async function diagnose(url: string | URL, options: DiagnoseOptions = {}): Promise<Report> {
  const { trySubscribe = [], tryPublish = [], tryClientId = false, tryIdle = 0, ...rest } = options;
  const address = addressOf(url);
  if (!(address instanceof URL)) {
    return new Report(shownOfOther(url), [address]);
  }
  const protocols = rest.websocket?.protocols ?? [rest.protocol === 3 ? 'mqttv3.1' : 'mqtt'];
  const found: Finding[] = [];
  if (!rest.websocket?.factory) {
    found.push(...(await whyClosed(address, protocols)));
  }
  if (found.length === 0) {
    const make: Connect = (more) => connect(url, more);
    const identifier = tryClientId ? rest.clientId : undefined;
    const tried = { identifier, subscribe: trySubscribe, publish: tryPublish, idle: tryIdle };
    found.push(...(await tryMqtt(make, rest, tried)));
  }
  const order = ['error', 'possible', 'warning', 'info'];
  found.sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
  return new Report(shown(address), found);
}
