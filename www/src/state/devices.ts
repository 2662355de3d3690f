/**
 * The devices as their retained messages describe them: name, values, controls, online or not, and their answers.
 * It does not know the device simulator: everything here came over MQTT.
 */
import { signal } from '@preact/signals';
import type { Message } from 'wasmqtt';
import { isRecord, parse } from '../lib/numbers.js';

const PREFIX = 'devices/';
const ANSWER_LIMIT = 5_000;

export interface ValueInfo {
  readonly topic: string;
  readonly field?: string;
  readonly label: string;
  readonly unit: string;
}

export type ControlInfo =
  | { readonly key: string; readonly label: string; readonly type: 'switch' }
  | {
      readonly key: string;
      readonly label: string;
      readonly type: 'number';
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly unit: string;
    };

export type Command =
  | { readonly phase: 'sent'; readonly n: number; readonly at: number; readonly text: string }
  | { readonly phase: 'answered'; readonly n: number; readonly ms: number; readonly text: string }
  | { readonly phase: 'failed'; readonly n: number; readonly text: string };

export interface DeviceView {
  readonly id: string;
  name: string;
  online: boolean | undefined;
  values: readonly ValueInfo[];
  controls: readonly ControlInfo[];
  state: Record<string, unknown>;
  /** The last payload by the topic's last level. */
  readonly last: Map<string, string>;
  command: Command | undefined;
}

const views = new Map<string, DeviceView>();
let news = false;
let commands = 0;

/** Counts up once a frame at most. */
export const devicesChanged = signal(0);

export const devices = (): DeviceView[] => [...views.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
export const deviceOf = (id: string): DeviceView | undefined => views.get(id);

export function deviceNews(): void {
  if (!news) return;
  news = false;
  devicesChanged.value += 1;
}

/** A value of a device, as text; undefined before the first. */
export function latestOf(device: DeviceView, { topic, field }: ValueInfo): string | undefined {
  const text = device.last.get(topic);
  if (text === undefined || field === undefined) return text;
  const body = parse(text);
  return isRecord(body) && body[field] !== undefined ? String(body[field]) : undefined;
}

export function takeDeviceMessage(message: Message): void {
  if (!message.topic.startsWith(PREFIX)) return;
  const [, id, name, beyond] = message.topic.split('/');
  if (
    id === undefined ||
    id === '' ||
    name === undefined ||
    name === 'command' ||
    beyond !== undefined ||
    message.payload.length > 4_096
  )
    return;
  let view = views.get(id);
  if (view === undefined) {
    if (views.size >= 100) return;
    view = {
      id,
      name: id,
      online: undefined,
      values: [],
      controls: [],
      state: {},
      last: new Map(),
      command: undefined,
    };
    views.set(id, view);
  }
  news = true;
  const text = message.text();
  if (name === 'status') view.online = text === 'online';
  else if (name === 'about') describe(view, parse(text));
  else if (name === 'state') takeState(view, parse(text), text);
  else if (view.last.size < 50 || view.last.has(name)) view.last.set(name, text);
}

function describe(view: DeviceView, about: unknown): void {
  if (!isRecord(about)) return;
  view.name = typeof about.name === 'string' ? about.name : view.id;
  view.values = Array.isArray(about.values) ? about.values.filter(isValueInfo) : [];
  view.controls = Array.isArray(about.controls) ? about.controls.filter(isControlInfo) : [];
}

function takeState(view: DeviceView, state: unknown, text: string): void {
  if (!isRecord(state)) return;
  view.state = state;
  const command = view.command;
  if (command?.phase === 'sent' && state.n === command.n) {
    view.command = { phase: 'answered', n: command.n, ms: performance.now() - command.at, text };
  }
}

function isValueInfo(value: unknown): value is ValueInfo {
  return (
    isRecord(value) &&
    typeof value.topic === 'string' &&
    typeof value.label === 'string' &&
    typeof value.unit === 'string'
  );
}

function isControlInfo(value: unknown): value is ControlInfo {
  if (!isRecord(value) || typeof value.key !== 'string' || typeof value.label !== 'string') return false;
  if (value.type === 'switch') return true;
  return value.type === 'number' && [value.min, value.max, value.step].every((each) => typeof each === 'number');
}

/**
 * Publishes a command by way of `publish` and waits for the device's answer, which repeats the command's number.
 */
export function sendCommand(
  device: DeviceView,
  settings: Record<string, unknown>,
  publish: (topic: string, payload: string) => Promise<unknown>,
): void {
  commands += 1;
  const n = commands;
  const text = JSON.stringify({ ...settings, n });
  device.command = { phase: 'sent', n, at: performance.now(), text };
  devicesChanged.value += 1;
  const fail = (why: string) => {
    if (device.command?.n !== n || device.command.phase !== 'sent') return;
    device.command = { phase: 'failed', n, text: why };
    devicesChanged.value += 1;
  };
  publish(`${PREFIX}${device.id}/command`, text).catch((error: unknown) =>
    fail(error instanceof Error ? error.message : String(error)),
  );
  setTimeout(
    () => fail('No answer within 5 s: the device is off, or nobody is subscribed to its answers.'),
    ANSWER_LIMIT,
  );
}

/** Nothing is known of the devices of another broker. */
export function forgetDevices(): void {
  views.clear();
  devicesChanged.value += 1;
}
