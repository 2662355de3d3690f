/** A store of packets in memory, as MQTT.js has it, and how any store is read. It does not know what the packets are for. */

import type { DoneCallback, PacketCallback } from './callbacks.js';
import { TypedEventEmitter } from './emitter.js';
import type { Packet } from './packet-types.js';

export interface IStoreOptions {
  /** Forget everything when it is closed. Default: true. */
  clean?: boolean;
}

type Key = Pick<Packet, 'messageId'>;

export interface IStore {
  put(packet: Packet, cb: DoneCallback): IStore;
  /** All packets, in their order. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever stream the store has.
  createStream(): any;
  del(packet: Key, cb: PacketCallback): IStore;
  get(packet: Key, cb: PacketCallback): IStore;
  close(cb: DoneCallback): void;
}

interface StreamEvents {
  data: (packet: Packet) => void;
  readable: () => void;
  end: () => void;
  close: () => void;
  error: (error: Error) => void;
}

/** What was in the store when it was asked. */
export class PacketStream extends TypedEventEmitter<StreamEvents> {
  readonly #packets: Packet[];
  #flows = false;

  constructor(packets: Packet[]) {
    super();
    this.#packets = packets;
    queueMicrotask(() => this.emit('readable'));
  }

  read(): Packet | null {
    const next = this.#packets.shift() ?? null;
    if (!next && !this.#flows) {
      queueMicrotask(() => this.emit('end'));
    }
    return next;
  }

  destroy(): this {
    this.#packets.length = 0;
    queueMicrotask(() => this.emit('close'));
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Packet, undefined> {
    yield* this.#packets.splice(0);
  }

  protected override listened(event: keyof StreamEvents): void {
    if (event === 'data' && !this.#flows) {
      this.#flows = true;
      queueMicrotask(() => {
        for (let next = this.#packets.shift(); next; next = this.#packets.shift()) {
          this.emit('data', next);
        }
        this.emit('end');
      });
    }
  }
}

export class Store implements IStore {
  readonly #clean: boolean;
  /** Programs look how many there are. */
  private readonly _inflights = new Map<number | undefined, Packet>();

  constructor({ clean = true }: IStoreOptions = {}) {
    this.#clean = clean;
  }

  put(packet: Packet, cb?: DoneCallback): this {
    this._inflights.set(packet.messageId, packet);
    cb?.();
    return this;
  }

  createStream(): PacketStream {
    return new PacketStream([...this._inflights.values()]);
  }

  del({ messageId }: Key, cb?: PacketCallback): this {
    const packet = this._inflights.get(messageId);
    this._inflights.delete(messageId);
    answer(packet, cb);
    return this;
  }

  get({ messageId }: Key, cb?: PacketCallback): this {
    answer(this._inflights.get(messageId), cb);
    return this;
  }

  close(cb?: DoneCallback): void {
    if (this.#clean) {
      this._inflights.clear();
    }
    cb?.();
  }
}

function answer(packet: Packet | undefined, cb: PacketCallback | undefined): void {
  if (packet) {
    cb?.(undefined, packet);
  } else {
    cb?.(new Error('missing packet'));
  }
}

/** All packets of a store. */
export function packetsOf(store: IStore): Promise<Packet[]> {
  return new Promise((resolve, reject) => {
    const packets: Packet[] = [];
    const stream = store.createStream();
    stream.on('error', reject);
    stream.on('end', () => resolve(packets));
    stream.on('data', (packet: Packet) => packets.push(packet));
  });
}
