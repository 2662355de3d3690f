/**
 * Publishes, and keeps a log of what became of each: queued, then acknowledged or failed, and after how long.
 * It does not know forms.
 */
import { signal } from '@preact/signals';
import type { Payload, PublishOptions, PublishResult, QoS } from 'wasmqtt';
import { onceAFrame } from '../lib/frame.js';
import { client, describe, server } from './connection.js';

const LENGTH = 100;

export type Fate =
  | { readonly phase: 'queued' }
  | { readonly phase: 'sent'; readonly ms: number }
  | { readonly phase: 'acknowledged'; readonly ms: number; readonly reasonCode: number; readonly protocol: number }
  | { readonly phase: 'failed'; readonly ms: number; readonly text: string };

export interface LogLine {
  readonly number: number;
  readonly time: number;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  fate: Fate;
}

const lines: LogLine[] = [];
let numbers = 0;

/** The newest first; a new array whenever something changed. */
export const log = signal<readonly LogLine[]>([]);

const show = onceAFrame(() => {
  log.value = [...lines];
});

export async function publish(topic: string, payload: Payload, options: PublishOptions = {}): Promise<PublishResult> {
  const begin = performance.now();
  const qos = options.qos ?? 0;
  numbers += 1;
  const line: LogLine = {
    number: numbers,
    time: Date.now(),
    topic,
    qos,
    retain: options.retain ?? false,
    fate: { phase: 'queued' },
  };
  lines.unshift(line);
  lines.length = Math.min(lines.length, LENGTH);
  show();
  try {
    if (client.value === undefined) throw new Error('Not connected');
    const result = await client.value.publish(topic, payload, options);
    const ms = performance.now() - begin;
    line.fate =
      qos === 0
        ? { phase: 'sent', ms }
        : { phase: 'acknowledged', ms, reasonCode: result.reasonCode, protocol: server.value?.protocol ?? 4 };
    return result;
  } catch (error) {
    line.fate = { phase: 'failed', ms: performance.now() - begin, text: describe(error) };
    throw error;
  } finally {
    show();
  }
}
