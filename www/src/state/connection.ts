/**
 * The page's one connection: its client, what is known of it, and its ends.
 * It does not know what is subscribed or published, and draws nothing.
 */
import { effect, signal } from '@preact/signals';
import { type Client, connect, MqttError, type ServerInfo, type Sharing, type State, type Stats } from 'wasmqtt';
import { announce } from './announcer.js';
import { config } from './config.js';
import { forgetDevices } from './devices.js';
import { receive } from './inbox.js';
import { pulse } from './pulse.js';
import { optionsOf, type Settings } from './settings.js';

const PING_INTERVAL = 2_000;
const ROUND_TRIPS = 40;

/** `off`: the user has not connected, or has disconnected. */
export type LinkState = State | 'off';

export interface Trouble {
  readonly text: string;
  /** `performance.now()` of the next attempt, which no clock that is set puts off; undefined when there is none. */
  readonly retryAt: number | undefined;
}

export const client = signal<Client | undefined>(undefined);
export const state = signal<LinkState>('off');
export const server = signal<ServerInfo | undefined>(undefined);
export const stats = signal<Stats | undefined>(undefined);
/** Where the connection is, where tabs share it. */
export const sharing = signal<Sharing | undefined>(undefined);
export const trouble = signal<Trouble | undefined>(undefined);
/** The newest last, milliseconds. */
export const roundTrips = signal<readonly number[]>([]);
/** The version that the form asked for. */
export const asked = signal<Settings['protocol']>('auto');

/** Is the connection, or the attempt at one, to the demo's own broker? */
export const embedded = signal(false);

type Listener = (client: Client) => void;
const onNewClient: Listener[] = [];

/** Called with each new client, before it connects. */
export function whenConnecting(listener: Listener): void {
  onNewClient.push(listener);
}

export function connectWith(form: Settings): void {
  void disconnect();
  const url = form.place === 'embedded' ? config.value?.webSocketUrl : form.url;
  trouble.value = undefined;
  server.value = undefined;
  sharing.value = undefined;
  roundTrips.value = [];
  if (url === undefined || url === '') {
    trouble.value = { text: 'There is no address to connect to.', retryAt: undefined };
    return;
  }
  try {
    const next = connect(url, optionsOf(form));
    if (embedded.value !== (form.place === 'embedded')) forgetDevices();
    embedded.value = form.place === 'embedded';
    asked.value = form.protocol;
    client.value = next;
    state.value = next.state;
    follow(next);
    for (const listener of onNewClient) listener(next);
  } catch (error) {
    trouble.value = { text: describe(error), retryAt: undefined };
    announce(`Not connected: ${describe(error)}`);
  }
}

/** Ends the connection as it should be ended: no will is sent. */
export async function disconnect(): Promise<void> {
  const last = client.value;
  client.value = undefined;
  state.value = 'off';
  stats.value = undefined;
  trouble.value = undefined;
  await last?.close({ drain: 1_000 }).catch(() => {
    // It is closed all the same; what was not acknowledged is told where it was published.
  });
}

function follow(current: Client): void {
  const ours = () => client.value === current;
  // `closed` and `ready` reject with what the events tell; the events are enough here.
  current.ready.catch(() => {});
  current.closed.catch(() => {});
  current.on('state', (told) => {
    if (ours()) state.value = told.state;
  });
  current.on('connect', (told) => {
    if (!ours()) return;
    server.value = told;
    trouble.value = undefined;
    announce(told.sessionPresent ? 'Connected, session resumed' : 'Connected');
    measureRoundTrip();
  });
  current.on('disconnect', ({ error, willRetry, retryIn }) => {
    if (!ours()) return;
    trouble.value = { text: describe(error), retryAt: willRetry ? performance.now() + (retryIn ?? 0) : undefined };
    announce(willRetry ? `Connection lost, trying again: ${describe(error)}` : `Disconnected: ${describe(error)}`);
  });
  current.on('error', (error) => {
    if (ours()) trouble.value = { text: describe(error), retryAt: undefined };
  });
  current.on('close', ({ error }) => {
    if (!ours()) return;
    client.value = undefined;
    state.value = 'closed';
    stats.value = undefined;
    if (error !== undefined) trouble.value = { text: describe(error), retryAt: undefined };
  });
  current.on('share', (told) => {
    if (ours()) sharing.value = told;
  });
  current.on('message', (message) => {
    if (ours()) receive(message);
  });
}

/** An error in one line. */
export function describe(error: unknown): string {
  if (!(error instanceof MqttError)) return error instanceof Error ? error.message : String(error);
  const code = error.reasonCode === undefined ? '' : ` (0x${error.reasonCode.toString(16).padStart(2, '0')})`;
  return `${error.code}${code}: ${error.reasonString ?? error.message}`;
}

effect(() => {
  pulse.value;
  if (client.value !== undefined) stats.value = client.value.stats();
});

function measureRoundTrip(): void {
  const current = client.value;
  if (current === undefined || state.value !== 'connected' || document.hidden) return;
  current.ping({ timeout: PING_INTERVAL * 2 }).then(
    (ms) => {
      if (client.value === current) roundTrips.value = [...roundTrips.value.slice(1 - ROUND_TRIPS), ms];
    },
    () => {
      // A lost connection tells itself by its event.
    },
  );
}

setInterval(measureRoundTrip, PING_INTERVAL);
