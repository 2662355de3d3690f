/**
 * Where replies go, and whose they are. In 5.0 the Response Topic and the Correlation Data say so (4.10). In 3.x the
 * topics do: a request to `T` is published to `T/request/<client>/<id>`, and its reply to `wasmqtt/reply/<client>/<id>`.
 * It does not know who waits.
 */

import type { Message, PublishOptions, ServerInfo } from './types.js';

const REPLIES = 'wasmqtt/reply';
const REQUEST = /^(.+)\/request\/([^/]+)\/([^/]+)$/;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Sixteen random bytes as text that may stand in a topic: nobody guesses it. */
function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(22)), (byte) => DIGITS[byte & 63]).join('');
}

/** The side that asks. */
export class TopicReplies {
  readonly #name = random();

  id(): string {
    return random();
  }

  /** What to subscribe to for replies. */
  filter(server: ServerInfo): string {
    return server.protocol === 5 ? this.#topic(server) : `${REPLIES}/${this.#name}/+`;
  }

  /** The publish that asks. It expires with those who wait for its reply. */
  request(
    server: ServerInfo,
    topic: string,
    id: string,
    properties: PublishOptions,
    timeout: number,
  ): { topic: string; options: PublishOptions } {
    if (server.protocol !== 5) {
      return { topic: `${topic}/request/${this.#name}/${id}`, options: properties };
    }
    const seconds = Math.ceil(timeout / 1000);
    const expiry = seconds < 2 ** 32 ? { expiry: seconds } : {};
    const correlationData = new TextEncoder().encode(id);
    return { topic, options: { ...expiry, ...properties, responseTopic: this.#topic(server), correlationData } };
  }

  /** Which request a message replies to. */
  idOf({ topic, properties }: Message): string | undefined {
    const { correlationData } = properties;
    return correlationData ? new TextDecoder().decode(correlationData) : topic.split('/').pop();
  }

  #topic({ responseInformation = REPLIES }: ServerInfo): string {
    return `${responseInformation}${responseInformation.endsWith('/') ? '' : '/'}${this.#name}`;
  }
}

/**
 * Where a request wants its reply, and the topic it was made to. Undefined for what is no request, or wants it where
 * topics are the server's own.
 */
export function wanted({
  topic,
  properties,
}: Message): { topic: string; reply: string; correlationData?: Uint8Array } | undefined {
  const { responseTopic, correlationData } = properties;
  if (responseTopic?.startsWith('$')) {
    return undefined;
  }
  if (responseTopic !== undefined) {
    return { topic, reply: responseTopic, ...(correlationData && { correlationData }) };
  }
  const [, asked, client, id] = REQUEST.exec(topic) ?? [];
  return asked === undefined ? undefined : { topic: asked, reply: `${REPLIES}/${client}/${id}` };
}

/** What a responder subscribes to for a filter: requests of both kinds. */
export function filtersOf(filter: string): string[] {
  return filter.endsWith('#') ? [filter] : [filter, `${filter}/request/+/+`];
}
