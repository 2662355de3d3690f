/**
 * Events taken apart and put together, as `src/bindings/batch.rs` lays them out. It knows how long each is, and what of it
 * has to be known to send it where it belongs.
 */

import {
  AUTHENTICATE,
  AUTHORIZE,
  type Batch,
  CONNECTED,
  DISCONNECTED,
  FAILED,
  FRAME,
  IS_STORED,
  MESSAGE,
  PUBLISHED,
  REFUSED,
  RESTORED,
  ROUTE,
  SESSION_LOST,
  STATE,
  SUBSCRIPTION_LOST,
} from '../port/port.js';

/** One event in a batch: its words, and its bytes beside them. */
export interface Event {
  readonly kind: number;
  /** Its second word: mostly whose it is. */
  readonly number: number;
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Calls `visit` with each. What it is given are views on the batch. */
export function each({ words, bytes }: Batch, visit: (event: Event) => void): void {
  let from = 0;
  for (let at = 0; at < words.length; ) {
    const kind = (words[at] ?? 0) & 255;
    const [end, length] = extent(words, at, kind);
    visit({
      kind,
      number: words[at + 1] ?? 0,
      words: words.subarray(at, end),
      bytes: bytes.subarray(from, from + length),
    });
    at = end;
    from += length;
  }
}

/** One that outlives its batch. */
export function copy(event: Event): Event {
  return { ...event, words: event.words.slice(), bytes: event.bytes.slice() };
}

/** Words from the first to the first block of an event, and blocks one after the other. */
const SHAPES: Readonly<Record<number, readonly [words: number, blocks: number]>> = {
  [MESSAGE]: [6, 1],
  [FAILED]: [6, 3],
  [SUBSCRIPTION_LOST]: [6, 3],
  [DISCONNECTED]: [6, 3],
  [REFUSED]: [6, 3],
  [STATE]: [3, 0],
  [CONNECTED]: [10, 3],
  [AUTHORIZE]: [3, 0],
  [AUTHENTICATE]: [2, 1],
  [FRAME]: [5, 0],
};

/** That of an answer. */
const ANSWER = [3, 1] as const;

/** Where the event ends that begins there, and how many bytes are its. */
function extent(words: Uint32Array, begin: number, kind: number): [end: number, bytes: number] {
  let at = begin + 2;
  let bytes = 0;
  const block = (): void => {
    bytes += words[at++] ?? 0;
  };
  const count = words[begin + 1] ?? 0;
  switch (kind) {
    case ROUTE:
      block();
      at += 1 + (words[at] ?? 0);
      break;
    case SESSION_LOST:
      for (let index = 0; index < count; index++) {
        at++;
        block();
      }
      break;
    case IS_STORED:
      at += count;
      break;
    case RESTORED:
      at += 3;
      block();
      at++;
      block();
      break;
    default: {
      const [head, blocks] = SHAPES[kind] ?? ANSWER;
      at = begin + head;
      for (let index = 0; index < blocks; index++) {
        block();
      }
    }
  }
  return [at, bytes];
}

/** Events on their way to somebody. */
export class Outbox {
  #words: number[] = [];
  #bytes: Uint8Array[] = [];
  #length = 0;
  #buffers: Uint8Array[] = [];
  /** Bytes of all of it, about. */
  size = 0;
  /**
   * There is something among it that is not told again: a message of QoS 1 or 2, which the server takes as arrived; an answer,
   * which the heir of the session will not know of.
   */
  isUrgent = false;

  /** An event as it is, but for its second word. */
  add({ kind, words, bytes }: Event, number = words[1] ?? 0): void {
    const at = this.#words.length;
    this.isUrgent ||= kind >= PUBLISHED && kind <= FAILED;
    this.#words.push(...words);
    this.#words[at + 1] = number;
    this.#block(bytes);
    this.size += words.length * 4;
  }

  /** A message whose payload is all of that buffer. */
  message(flags: number, slot: number, payload: Uint8Array, delivery: number, properties: Uint8Array): void {
    this.#words.push(
      MESSAGE | (flags << 8),
      slot,
      this.#buffers.length,
      0,
      payload.length,
      delivery,
      properties.length,
    );
    this.isUrgent ||= (flags & QOS) > 0;
    this.#buffers.push(payload);
    this.#block(properties);
    this.size += payload.length + 28;
  }

  /** What was sent or received. */
  frame({ words }: Event, bytes: Uint8Array): void {
    this.#words.push(...words.subarray(0, -1), this.#buffers.length);
    this.#buffers.push(bytes);
    this.size += bytes.length + 20;
  }

  route(slot: number, topic: Uint8Array, subscriptions: readonly number[]): void {
    this.#words.push(ROUTE, slot, topic.length, subscriptions.length, ...subscriptions);
    this.#block(topic);
    this.size += 16;
  }

  /** Words without bytes. */
  words(...words: number[]): void {
    this.#words.push(...words);
    this.size += words.length * 4;
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  /** All of it; nothing is left. */
  take(): Batch {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const block of this.#bytes) {
      bytes.set(block, at);
      at += block.length;
    }
    const batch = { words: Uint32Array.from(this.#words), bytes, buffers: this.#buffers };
    this.#words = [];
    this.#bytes = [];
    this.#length = 0;
    this.#buffers = [];
    this.size = 0;
    this.isUrgent = false;
    return batch;
  }

  #block(bytes: Uint8Array): void {
    if (bytes.length > 0) {
      // The batch is good until the call returns.
      this.#bytes.push(bytes.slice());
      this.#length += bytes.length;
      this.size += bytes.length;
    }
  }
}

/** An event that the engine does not tell: nobody knows what became of that. */
export function lostAnswer(token: number, code: number, text: Uint8Array): Event {
  return {
    kind: FAILED,
    number: token,
    words: Uint32Array.of(FAILED, token, code, CONNECTED_PHASE | RETRYABLE, NO_REASON, 0, text.length, 0, 0),
    bytes: text,
  };
}

/** The connection has ended, and is being made anew. */
export function lostConnection(code: number, text: Uint8Array): Event {
  return { ...lostAnswer(0, code, text), kind: DISCONNECTED, words: disconnected(code, text.length) };
}

function disconnected(code: number, length: number): Uint32Array {
  return Uint32Array.of(DISCONNECTED, 0, code, CONNECTED_PHASE | RETRYABLE, NO_REASON, 0, length, 0, 0);
}

/** In the flags of a message. */
const QOS = 3;

const CONNECTED_PHASE = 3;
const RETRYABLE = 0x100;
const NO_REASON = 256;
