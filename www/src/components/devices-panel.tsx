/**
 * The devices, one card each: online or not, what it senses, what can be set, and its last answer.
 * It does not know which devices there are: they introduce themselves over MQTT.
 */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { milliseconds, written } from '../lib/format.js';
import { control } from '../state/config.js';
import { embedded, state } from '../state/connection.js';
import {
  type Command,
  type ControlInfo,
  type DeviceView,
  devices,
  devicesChanged,
  latestOf,
  sendCommand,
} from '../state/devices.js';
import { publish } from '../state/publishing.js';
import { rows, subscribe } from '../state/subscriptions.js';

const FILTER = 'devices/#';

export function DevicesPanel() {
  devicesChanged.value;
  const known = devices();
  const online = known.filter((device) => device.online === true).length;
  const connected = state.value === 'connected';
  return (
    <section class="panel" id="devices" aria-labelledby="devices-title">
      <div class="head">
        <h2 id="devices-title">Devices</h2>
        {known.length > 0 && (
          <span class="aside">{connected ? `${online} of ${known.length} online` : 'as last seen'}</span>
        )}
      </div>
      {known.length === 0 ? (
        <Nobody />
      ) : (
        <ul class="cards">
          {known.map((device) => (
            <Card key={device.id} device={device} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Nobody() {
  const subscribed = rows.value.some((row) => row.filter === FILTER || row.filter === '#');
  if (state.value !== 'connected') return <p class="empty">Devices appear here once the page is connected.</p>;
  if (subscribed) return <p class="empty">No device has introduced itself on this broker.</p>;
  return (
    <p class="empty">
      Devices introduce themselves below <code>devices/</code>.{' '}
      <button type="button" onClick={() => subscribe({ filter: FILTER, options: { qos: 1 } })}>
        Subscribe to {FILTER}
      </button>
    </p>
  );
}

function Card({ device }: { device: DeviceView }) {
  // The views change in place; this is what tells.
  devicesChanged.value;
  const off = device.online === false;
  return (
    <li class={off ? 'card off' : 'card'} data-device={device.id} data-online={String(device.online)}>
      <div class="name">
        <h3>{device.name}</h3>
        <Presence online={state.value === 'connected' ? device.online : undefined} />
      </div>
      <dl class="values">
        {device.values.map((info) => (
          <div key={info.label}>
            <dt>{info.label}</dt>
            <dd class="num">
              {written(latestOf(device, info) ?? '–')}
              <span class="unit"> {info.unit}</span>
            </dd>
          </div>
        ))}
      </dl>
      <div class="controls">
        {device.controls.map((info) => (
          <Control key={info.key} device={device} info={info} value={device.state[info.key]} />
        ))}
      </div>
      <div class="foot">
        <Answer command={device.command} />
        {embedded.value && <Power device={device} />}
      </div>
    </li>
  );
}

/** What is not known, for want of a connection or of a status message, is not claimed. */
function Presence({ online }: { online: boolean | undefined }) {
  const [tone, text] = online === undefined ? ['idle', 'unknown'] : online ? ['good', 'online'] : ['bad', 'offline'];
  return (
    <span class={`pill ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

function set(device: DeviceView, key: string, value: boolean | number): void {
  sendCommand(device, { [key]: value }, (topic, payload) => publish(topic, payload, { qos: 1 }));
}

/** `value` is handed in because the view changes in place: only what is handed in makes a part draw anew. */
function Control({ device, info, value }: { device: DeviceView; info: ControlInfo; value: unknown }) {
  const disabled = state.value !== 'connected';
  if (info.type === 'number') return <Setpoint device={device} info={info} current={value} disabled={disabled} />;
  const on = value === true;
  return (
    <div class="control">
      <span id={`${device.id}-${info.key}`}>{info.label}</span>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={on}
        aria-labelledby={`${device.id}-${info.key}`}
        disabled={disabled}
        onClick={() => set(device, info.key, !on)}
      >
        <span class="thumb" aria-hidden="true" />
      </button>
    </div>
  );
}

interface SetpointProps {
  readonly device: DeviceView;
  readonly info: Extract<ControlInfo, { type: 'number' }>;
  readonly current: unknown;
  readonly disabled: boolean;
}

function Setpoint({ device, info, current, disabled }: SetpointProps) {
  const id = useId();
  /** What the user drags to, until it is let go. */
  const dragged = useSignal<number | undefined>(undefined);
  const value = dragged.value ?? (typeof current === 'number' ? current : info.min);
  return (
    <div class="control">
      <label for={id}>{info.label}</label>
      <input
        id={id}
        type="range"
        min={info.min}
        max={info.max}
        step={info.step}
        value={value}
        disabled={disabled}
        aria-valuetext={`${value} ${info.unit}`}
        onInput={(event) => {
          dragged.value = event.currentTarget.valueAsNumber;
        }}
        onChange={(event) => {
          dragged.value = undefined;
          set(device, info.key, event.currentTarget.valueAsNumber);
        }}
      />
      <output class="num" for={id}>
        {value} {info.unit}
      </output>
    </div>
  );
}

function Answer({ command }: { command: Command | undefined }) {
  if (command === undefined) return <span class="answer quiet">No command yet</span>;
  if (command.phase === 'sent') return <span class="answer quiet">Asked: {command.text}</span>;
  if (command.phase === 'failed') return <span class="answer bad">{command.text}</span>;
  return (
    <span class="answer" title={command.text} data-answer={command.n}>
      <span class="good">Answered in {milliseconds(command.ms)}</span> <code>{command.text}</code>
    </span>
  );
}

function Power({ device }: { device: DeviceView }) {
  const off = device.online === false;
  return (
    <button
      type="button"
      class="small"
      aria-label={off ? `Plug ${device.name} in` : `Unplug ${device.name}`}
      onClick={() => {
        control(off ? 'revive-device' : 'kill-device', { id: device.id }).catch(() => {
          // The card goes on showing what MQTT tells.
        });
      }}
    >
      {off ? 'Plug in' : 'Unplug'}
    </button>
  );
}
