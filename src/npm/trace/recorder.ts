/**
 * Keeps the newest packets and events of a client, as many as it may. It does not know what is made of them.
 */

import type { Client } from '../api/client.js';
import type { MqttError } from '../api/errors.js';
import { type Entry, type EventEntry, entryOf, type PacketEntry } from './entry.js';
import { Recording } from './recording.js';

/** How much is kept; what is older is dropped. */
export interface RecordOptions {
  /** Packets and events, at least 1. Default: 1 000. */
  packets?: number | undefined;
  /** Bytes of packets. Default: 4 MiB. */
  bytes?: number | undefined;
  /** Aborting stops. */
  signal?: AbortSignal | undefined;
}

/** A recording that goes on until it is stopped. */
export class Recorder extends Recording {
  readonly #life = new AbortController();
  readonly #most: number;
  readonly #mostBytes: number;
  #bytes = 0;

  /** @internal */
  constructor(client: Client, { packets = 1000, bytes = 4 * 1024 * 1024, signal }: RecordOptions) {
    super([], 0, []);
    if (!(packets >= 1) || !(bytes >= 0)) {
      throw new RangeError('"packets" must be at least 1, and "bytes" at least 0');
    }
    this.#most = packets;
    this.#mostBytes = bytes;
    const life = { signal: this.#life.signal };
    signal?.addEventListener('abort', () => this.stop(), life);
    if (signal?.aborted) {
      this.stop();
      return;
    }
    client.on('packet', (packet) => this.#add(entryOf(packet)), life);
    client.on('state', ({ state }) => this.#event('state', state), life);
    client.on(
      'connect',
      ({ protocol, sessionPresent }) => this.#event('connect', `${protocol} ${sessionPresent}`),
      life,
    );
    client.on('disconnect', ({ error }) => this.#event('disconnect', error.code, error), life);
    client.on('session-lost', ({ republished }) => this.#event('session-lost', String(republished.length)), life);
    client.on('close', ({ error }) => this.#event('close', error?.code ?? '', error), life);
  }

  /** Records no more; what is recorded stays. */
  stop(): void {
    this.#life.abort();
  }

  /** Forgets what was recorded. */
  clear(): void {
    this.held.length = 0;
    this.#bytes = 0;
    this.lost = 0;
  }

  #event(event: EventEntry['event'], detail: string, error?: MqttError): void {
    const time = performance.timeOrigin + performance.now();
    const closeCode = error?.close?.code;
    this.#add({ kind: 'event', time, event, detail, ...(closeCode !== undefined && { closeCode }) });
  }

  #add(entry: Entry): void {
    if (entry.kind === 'packet' && entry.type === 'connect') {
      this.note(entry);
    }
    let at = this.held.length;
    // The first packets are told once what reads them is loaded: what became of them may have been told before.
    for (let before = this.held[at - 1]; before?.kind === 'event' && before.time > entry.time; ) {
      before = this.held[--at - 1];
    }
    this.held.splice(at, 0, entry);
    this.#bytes += sizeOf(entry);
    let drop = 0;
    while (this.held.length - drop > this.#most || (this.#bytes > this.#mostBytes && drop < this.held.length)) {
      this.#bytes -= sizeOf(this.held[drop] as Entry);
      drop++;
    }
    // Not one by one: a full recording drops with each packet, and each drop moves all that is kept.
    if (drop > 0) {
      this.held.splice(0, drop);
      this.lost += drop;
    }
  }
}

function sizeOf(entry: Entry | PacketEntry): number {
  return entry.kind === 'packet' ? entry.bytes.length : 0;
}

/**
 * Records what a client sends and receives, and what becomes of it, without secrets: a user name, a password and
 * Authentication Data are never in it. Payloads are.
 *
 * @throws {RangeError} for a bound that is none
 */
export function record(client: Client, options: RecordOptions = {}): Recorder {
  return new Recorder(client, options);
}
