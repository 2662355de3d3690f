/** Rates, ages and round trips of a client, over the last time. It does not record anything. */

import type { Client } from '../api/client.js';
import type { PacketEvent, Stats } from '../api/types.js';

/** Of a number of times, in milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
}

/** What the client counts, and more of the last time. */
export interface Measures extends Stats {
  /** Of each second, on the average of the time that was measured. */
  readonly rates: {
    readonly bytesSent: number;
    readonly bytesReceived: number;
    readonly packetsSent: number;
    readonly packetsReceived: number;
    readonly messagesSent: number;
    readonly messagesReceived: number;
  };
  /** Milliseconds for which the oldest publish that is not sent has waited, to a second; 0 where none does. */
  readonly queueAge: number;
  /** Milliseconds since the oldest publish was sent that is not acknowledged; 0 where there is none. */
  readonly inFlightAge: number;
  /** From a request to its answer: PINGREQ, SUBSCRIBE, UNSUBSCRIBE, PUBLISH of QoS 1, and of QoS 2 until PUBREC. */
  readonly roundTrips: Quantiles;
}

interface Sample {
  readonly time: number;
  readonly stats: Stats;
  /** Publishes that were given to the client. */
  readonly given: number;
}

export interface Meter {
  stats(): Measures;
  stop(): void;
}

/** Milliseconds between two looks. */
const EVERY = 1000;

/** Round trips that are kept. */
const MOST = 1000;

const ANSWERS: Readonly<Record<string, string>> = {
  pingresp: 'pingreq',
  suback: 'subscribe',
  unsuback: 'unsubscribe',
  puback: 'publish',
  pubrec: 'publish',
};

/**
 * Measures a client until it is stopped or the client closes. It listens to the packets, which costs a little for each.
 *
 * @param window milliseconds that rates and round trips are of. Default: 60 000
 */
export function measure(client: Client, { window = 60_000 }: { window?: number } = {}): Meter {
  const life = new AbortController();
  const samples: Sample[] = [];
  const asked = new Map<string, number>();
  const unacknowledged = new Map<number, number>();
  let trips: { readonly time: number; readonly took: number }[] = [];
  let connection = 0;

  const look = (): Sample => {
    const stats = client.stats();
    const sample = { time: performance.now(), stats, given: stats.messagesSent + stats.queued };
    return sample;
  };
  const keep = (): void => {
    samples.push(look());
    const begin = performance.now() - window;
    while ((samples[1]?.time ?? Number.POSITIVE_INFINITY) <= begin && !waits(samples)) {
      samples.shift();
    }
    trips = trips.filter(({ time }) => time > Date.now() - window).slice(-MOST);
  };
  const take = ({ direction, packet, time, connection: number }: PacketEvent): void => {
    if (number !== connection) {
      connection = number;
      asked.clear();
      unacknowledged.clear();
    }
    const identifier = packet && 'packetIdentifier' in packet ? packet.packetIdentifier : undefined;
    if (!packet) {
      return;
    }
    if (direction === 'sent') {
      if (packet.type === 'pingreq' || packet.type === 'subscribe' || packet.type === 'unsubscribe') {
        asked.set(`${packet.type} ${identifier}`, time);
      } else if (packet.type === 'publish' && identifier !== undefined) {
        asked.set(`publish ${identifier}`, time);
        unacknowledged.set(identifier, time);
      }
      return;
    }
    const key = `${ANSWERS[packet.type]} ${identifier}`;
    const since = asked.get(key);
    if (since !== undefined) {
      asked.delete(key);
      trips.push({ time, took: time - since });
    }
    const failed = packet.type === 'pubrec' && packet.reasonCode >= 0x80;
    if ((packet.type === 'puback' || packet.type === 'pubcomp' || failed) && identifier !== undefined) {
      unacknowledged.delete(identifier);
    }
  };

  keep();
  const timer = setInterval(keep, EVERY);
  life.signal.addEventListener('abort', () => clearInterval(timer));
  client.on('packet', take, { signal: life.signal });
  client.on('close', () => life.abort(), { signal: life.signal });

  return {
    stop: () => life.abort(),
    stats() {
      const now = look();
      const first = samples.find(({ time }) => time >= now.time - window) ?? samples[0] ?? now;
      const seconds = Math.max((now.time - first.time) / 1000, 0.001);
      const rate = (
        name: 'bytesSent' | 'bytesReceived' | 'packetsSent' | 'packetsReceived' | 'messagesSent' | 'messagesReceived',
      ) => (now.stats[name] - first.stats[name]) / seconds;
      // The first of those that wait was given when so many had been given: it is the next that is sent.
      const since = samples.find(({ given }) => given > now.stats.messagesSent)?.time ?? now.time;
      const oldest = [...unacknowledged.values()][0];
      return {
        ...now.stats,
        rates: {
          bytesSent: rate('bytesSent'),
          bytesReceived: rate('bytesReceived'),
          packetsSent: rate('packetsSent'),
          packetsReceived: rate('packetsReceived'),
          messagesSent: rate('messagesSent'),
          messagesReceived: rate('messagesReceived'),
        },
        queueAge: now.stats.queued > 0 ? now.time - since : 0,
        inFlightAge: oldest === undefined ? 0 : performance.timeOrigin + now.time - oldest,
        roundTrips: quantiles(trips.map(({ took }) => took)),
      };
    },
  };
}

/** Whether what was given at the first look may still wait. */
function waits(samples: readonly Sample[]): boolean {
  const last = samples.at(-1)?.stats;
  return last !== undefined && last.queued > 0 && (samples[0]?.given ?? 0) > last.messagesSent;
}

function quantiles(times: number[]): Quantiles {
  times.sort((one, other) => one - other);
  const at = (share: number): number | undefined => times[Math.max(0, Math.ceil(times.length * share) - 1)];
  return { count: times.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: times.at(-1) };
}
