/**
 * The header: what this is, how the connection is, how fast it is, and the buttons to begin and to end it.
 * It does not know the settings, only that they are there.
 */
import { signal } from '@preact/signals';
import { integer, milliseconds, rate, versionName } from '../lib/format.js';
import { config } from '../state/config.js';
import {
  connectWith,
  disconnect,
  embedded,
  type LinkState,
  roundTrips,
  server,
  state,
  trouble,
} from '../state/connection.js';
import { arrivalRate } from '../state/inbox.js';
import { pulse } from '../state/pulse.js';
import { settings } from '../state/settings.js';
import { storedTheme, storeTheme, type Theme } from '../state/theme.js';

const STATES: Record<LinkState, { text: string; tone: string }> = {
  off: { text: 'Not connected', tone: 'idle' },
  idle: { text: 'Loading', tone: 'busy' },
  connecting: { text: 'Connecting', tone: 'busy' },
  connected: { text: 'Connected', tone: 'good' },
  waiting: { text: 'Reconnecting', tone: 'bad' },
  closing: { text: 'Closing', tone: 'busy' },
  closed: { text: 'Closed', tone: 'bad' },
};

export function Header() {
  return (
    <header class="top">
      <h1>
        <Mark />
        wasmqtt<span class="quiet"> live dashboard</span>
      </h1>
      <Link />
      <Speed />
      <div class="actions">
        <ThemeButton />
        <ConnectButton />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 9a16 16 0 0 1 16 16M7 16a9 9 0 0 1 9 9" />
      <circle cx="8.500" cy="23.500" r="2.500" />
    </svg>
  );
}

function Link() {
  const { text, tone } = STATES[state.value];
  const info = state.value === 'connected' ? server.value : undefined;
  const broker =
    embedded.value && config.value !== undefined
      ? `${config.value.broker.name} ${config.value.broker.version}`
      : undefined;
  return (
    <p class="link">
      <span class={`pill ${tone}`} data-state={state.value}>
        <span class="dot" aria-hidden="true" />
        {text}
      </span>
      {info !== undefined && <span class="tag">{versionName(info.protocol)}</span>}
      {info !== undefined && broker !== undefined && <span class="tag plain">{broker}</span>}
      <Retry />
    </p>
  );
}

function Retry() {
  const current = trouble.value;
  if (current === undefined || state.value === 'connected') return null;
  pulse.value;
  const left = current.retryAt === undefined ? undefined : Math.max(0, current.retryAt - performance.now());
  return (
    <span class="trouble" title={current.text}>
      {left === undefined || state.value !== 'waiting'
        ? current.text
        : `${current.text}; next try in ${(left / 1_000).toFixed(1)} s`}
    </span>
  );
}

function Speed() {
  const connected = state.value === 'connected';
  const last = roundTrips.value.at(-1);
  return (
    <dl class="speed">
      <div>
        <dt>Round trip</dt>
        <dd class="num" id="round-trip">
          {connected && last !== undefined ? milliseconds(last) : '–'}
        </dd>
        <Spark values={connected ? roundTrips.value : []} />
      </div>
      <div>
        <dt>In</dt>
        <dd class="num">
          {arrivalRate.value >= 100 ? integer(arrivalRate.value) : rate(arrivalRate.value)}
          <span class="quiet"> msg/s</span>
        </dd>
      </div>
    </dl>
  );
}

/** The last round trips as a line; the number beside it says the same in words. */
function Spark({ values }: { values: readonly number[] }) {
  const width = 64;
  const height = 18;
  const top = Math.max(2, ...values);
  const points = values.map((value, index) => `${(index * width) / 39},${height - 1 - (value / top) * (height - 3)}`);
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {points.length > 1 && <polyline points={points.join(' ')} />}
    </svg>
  );
}

function ConnectButton() {
  const on = state.value !== 'off' && state.value !== 'closed';
  return (
    <button
      type="button"
      class={on ? '' : 'primary'}
      id="connect-toggle"
      onClick={() => (on ? void disconnect() : connectWith(settings.value))}
    >
      {on ? 'Disconnect' : 'Connect'}
    </button>
  );
}

const theme = signal<Theme>(storedTheme());
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const SIGNS: Record<Theme, string> = { system: '◐', light: '☀', dark: '☾' };

function ThemeButton() {
  return (
    <button
      type="button"
      class="icon"
      id="theme"
      aria-label={`Theme: ${theme.value}. Change to ${NEXT[theme.value]}.`}
      title={`Theme: ${theme.value}`}
      onClick={() => {
        theme.value = NEXT[theme.value];
        storeTheme(theme.value);
      }}
    >
      <span aria-hidden="true">{SIGNS[theme.value]}</span>
    </button>
  );
}
