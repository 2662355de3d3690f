/**
 * The form to connect: where, with which version, as whom, and with which will.
 * It does not know what becomes of it.
 */
import { useId } from 'preact/hooks';
import { config } from '../state/config.js';
import { connectWith, state } from '../state/connection.js';
import { change, mayBeFive, type Settings, settings } from '../state/settings.js';
import { CheckField, QosField, SelectField, TextField } from './fields.js';

const VERSIONS = [
  ['auto', 'Automatic'],
  ['5', 'MQTT 5.0'],
  ['4', 'MQTT 3.1.1'],
  ['3', 'MQTT 3.1'],
] as const;

export function ConnectForm() {
  const form = settings.value;
  const on = state.value !== 'off' && state.value !== 'closed';
  const onlyFive = mayBeFive(form) ? undefined : 'Needs MQTT 5.0.';
  const alone = form.share ? 'Not with a shared connection.' : undefined;
  return (
    <details class="more" id="settings" open={!on}>
      <summary>Settings</summary>
      <form
        class="form"
        aria-label="Connect"
        onSubmit={(event) => {
          event.preventDefault();
          connectWith(settings.value);
        }}
      >
        <Place form={form} />
        <div class="two">
          <SelectField
            label="Version"
            value={form.protocol}
            options={VERSIONS}
            hint={form.protocol === 'auto' ? '5.0, then 3.1.1' : undefined}
            onChange={(protocol) => change({ protocol })}
          />
          <TextField
            label="Client identifier"
            value={form.clientId}
            placeholder="generated"
            autoComplete="off"
            onInput={(clientId) => change({ clientId })}
          />
          <TextField
            label="User name"
            value={form.username}
            autoComplete="off"
            onInput={(username) => change({ username })}
          />
          <TextField
            label="Password"
            type="password"
            value={form.password}
            autoComplete="off"
            onInput={(password) => change({ password })}
          />
          <TextField
            label="Keep alive (s)"
            type="number"
            min={0}
            max={65_535}
            required
            value={form.keepAlive}
            onInput={(keepAlive) => change({ keepAlive })}
          />
          <TextField
            label="Session expiry (s)"
            type="number"
            min={0}
            max={4_294_967_295}
            placeholder="0"
            value={form.sessionExpiry}
            why={onlyFive}
            onInput={(sessionExpiry) => change({ sessionExpiry })}
          />
        </div>
        <CheckField
          label="Clean start"
          checked={form.cleanStart}
          why={alone}
          onChange={(cleanStart) => change({ cleanStart })}
        />
        <CheckField label="In a worker" checked={form.worker} why={alone} onChange={(worker) => change({ worker })} />
        <CheckField label="Shared by all tabs" checked={form.share} onChange={(share) => change({ share })} />
        <Will form={form} onlyFive={onlyFive} />
        <button type="submit" class="primary">
          {on ? 'Reconnect with these' : 'Connect'}
        </button>
      </form>
    </details>
  );
}

function Place({ form }: { form: Settings }) {
  const name = useId();
  const own = config.value;
  return (
    <fieldset class="place">
      <legend>Broker</legend>
      {own !== undefined && (
        <label>
          <input
            type="radio"
            name={name}
            checked={form.place === 'embedded'}
            onChange={() => change({ place: 'embedded' })}
          />
          {own.broker.name} {own.broker.version} <span class="quiet">embedded</span>
        </label>
      )}
      <label>
        <input type="radio" name={name} checked={form.place === 'url'} onChange={() => change({ place: 'url' })} />
        Any other
      </label>
      {form.place === 'url' && (
        <TextField
          label="Address"
          type="url"
          mono
          required
          placeholder="wss://broker.example:443/mqtt"
          value={form.url}
          onInput={(url) => change({ url })}
        />
      )}
    </fieldset>
  );
}

function Will({ form, onlyFive }: { form: Settings; onlyFive: string | undefined }) {
  return (
    <details class="more">
      <summary>Will{form.willTopic === '' ? '' : `: ${form.willTopic}`}</summary>
      <p class="note">What the broker publishes if this page is lost without a goodbye.</p>
      <TextField
        label="Will topic"
        mono
        value={form.willTopic}
        placeholder="none"
        onInput={(willTopic) => change({ willTopic })}
      />
      <TextField
        label="Will payload"
        mono
        value={form.willPayload}
        onInput={(willPayload) => change({ willPayload })}
      />
      <div class="two">
        <QosField label="Will QoS" value={form.willQos} onChange={(willQos) => change({ willQos })} />
        <TextField
          label="Will delay (s)"
          type="number"
          min={0}
          placeholder="0"
          value={form.willDelay}
          why={onlyFive}
          onInput={(willDelay) => change({ willDelay })}
        />
      </div>
      <CheckField label="Retain the will" checked={form.willRetain} onChange={(willRetain) => change({ willRetain })} />
    </details>
  );
}
