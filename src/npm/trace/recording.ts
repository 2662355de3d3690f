/** Packets and events in their order, and what they can be written as. It does not know how they were recorded. */

import { type Entry, fieldsOf, type PacketEntry } from './entry.js';
import { dataOf, entriesOf, type RecordingData } from './json.js';
import { pcap } from './pcap.js';
import { textOf } from './text.js';

/** CONNECT packets of which the later packets of their connections need the version. */
const MOST_CONNECTS = 16;

export class Recording {
  /** @internal */
  protected readonly held: Entry[];
  /** @internal */
  protected lost: number;
  /** The CONNECT packets of the latest connections, kept when they are dropped. */
  readonly #connects: PacketEntry[];

  /** @internal */
  constructor(entries: Entry[], dropped: number, connects: readonly PacketEntry[]) {
    this.held = entries;
    this.lost = dropped;
    this.#connects = [...connects];
  }

  /** A recording that was made to JSON. @throws {SyntaxError} for what is none */
  static from(data: RecordingData | string): Recording {
    const { entries, dropped, connects } = entriesOf(typeof data === 'string' ? JSON.parse(data) : data);
    return new Recording(entries, dropped, connects);
  }

  /** The oldest first. */
  get entries(): readonly Entry[] {
    return this.held;
  }

  /** Entries that were dropped, as there was no room. */
  get dropped(): number {
    return this.lost;
  }

  /** A line for each. */
  toString(): string {
    const dropped = this.lost > 0 ? `${this.lost} older entries were dropped\n` : '';
    return dropped + textOf(this.held, fieldsOf);
  }

  /** To be written by `JSON.stringify`, read by `Recording.from`, and run through the engine by `npm run replay`. */
  toJSON(): RecordingData {
    return dataOf(this.held, this.lost, this.#connects, fieldsOf);
  }

  /**
   * A capture file: each connection as one of TCP with port 1883, so that Wireshark and tshark read it as MQTT. A connection
   * whose CONNECT was dropped or not seen begins with one that says its version.
   */
  toPcap(): Uint8Array {
    const packets = this.held.filter((entry) => entry.kind === 'packet');
    return pcap(packets, this.#connects);
  }

  /** @internal */
  protected note(connect: PacketEntry): void {
    this.#connects.push(connect);
    if (this.#connects.length > MOST_CONNECTS) {
      this.#connects.shift();
    }
  }
}
