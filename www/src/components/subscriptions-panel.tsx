/**
 * The subscriptions with what was granted, and the form for a new one.
 * It does not show messages.
 */
import { useSignal } from '@preact/signals';
import type { QoS, SubscribeOptions } from 'wasmqtt';
import { integer } from '../lib/format.js';
import { server, state } from '../state/connection.js';
import { whyNotFive } from '../state/features.js';
import { pulse } from '../state/pulse.js';
import { countOf, type Outcome, type Row, remove, rows, subscribe } from '../state/subscriptions.js';
import { CheckField, Fold, isWide, QosField, SelectField, TextField } from './fields.js';

const wide = isWide();
const HANDLING = [
  ['0', 'always'],
  ['1', 'if new'],
  ['2', 'never'],
] as const;

export function SubscriptionsPanel() {
  return (
    <Fold title="Subscriptions" id="subscriptions" open={wide} aside={String(rows.value.length)}>
      <Rows />
      <SubscribeForm />
    </Fold>
  );
}

function Rows() {
  pulse.value;
  if (rows.value.length === 0) return <p class="empty">No subscriptions: no messages will come.</p>;
  return (
    <ul class="rows">
      {rows.value.map((row) => (
        <li key={row.filter} data-filter={row.filter}>
          <div class="what">
            <code>{row.filter}</code>
            <span class="sub">
              <Told outcome={row.outcome} /> {optionsText(row)}
            </span>
          </div>
          <span class="num count">{integer(countOf(row.filter))}</span>
          <button
            type="button"
            class="icon"
            aria-label={`Unsubscribe from ${row.filter}`}
            title="Unsubscribe"
            onClick={() => remove(row.filter)}
          >
            <span aria-hidden="true">✕</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Told({ outcome }: { outcome: Outcome }) {
  if (outcome.phase !== 'refused' && state.value !== 'connected') return <span>waits for a connection</span>;
  if (outcome.phase === 'granted') return <span class="good">granted QoS {outcome.qos}</span>;
  if (outcome.phase === 'refused') return <span class="bad">{outcome.text}</span>;
  return <span>waiting</span>;
}

function optionsText({ options }: Row): string {
  return [
    options.noLocal === true ? 'no local' : '',
    options.retainAsPublished === true ? 'retain as published' : '',
    options.retainHandling === 1 ? 'retained if new' : options.retainHandling === 2 ? 'no retained' : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function SubscribeForm() {
  const filter = useSignal('');
  const qos = useSignal<QoS>(1);
  const noLocal = useSignal(false);
  const retainAsPublished = useSignal(false);
  const handling = useSignal<'0' | '1' | '2'>('0');
  const info = server.value;
  const why = whyNotFive(info);
  const shared = filter.value.startsWith('$share/');
  const hint =
    shared && info?.sharedSubscriptionAvailable === false ? 'This connection has no shared subscriptions.' : undefined;

  const submit = () => {
    const options: SubscribeOptions = {
      qos: qos.value,
      ...(why === undefined && noLocal.value ? { noLocal: true } : {}),
      ...(why === undefined && retainAsPublished.value ? { retainAsPublished: true } : {}),
      ...(why === undefined && handling.value !== '0' ? { retainHandling: Number(handling.value) as 1 | 2 } : {}),
    };
    subscribe({ filter: filter.value, options });
    filter.value = '';
  };

  return (
    <form
      class="form"
      aria-label="Subscribe"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="line">
        <TextField
          label="Topic filter"
          mono
          required
          placeholder="devices/+/temperature"
          value={filter.value}
          hint={hint}
          onInput={(value) => {
            filter.value = value;
          }}
        />
        <button type="submit">Subscribe</button>
      </div>
      <details class="more">
        <summary>
          Options <span class="quiet">QoS {qos.value}</span>
        </summary>
        <QosField
          label="Greatest QoS"
          value={qos.value}
          onChange={(value) => {
            qos.value = value;
          }}
        />
        <fieldset disabled={why !== undefined} class="five">
          <legend>Of MQTT 5.0</legend>
          {why !== undefined && <p class="note">{why}</p>}
          <CheckField
            label="No local: not what this page publishes"
            checked={noLocal.value}
            onChange={(value) => {
              noLocal.value = value;
            }}
          />
          <CheckField
            label="Retain as published"
            checked={retainAsPublished.value}
            onChange={(value) => {
              retainAsPublished.value = value;
            }}
          />
          <SelectField
            label="Retained messages"
            value={handling.value}
            options={HANDLING}
            onChange={(value) => {
              handling.value = value;
            }}
          />
        </fieldset>
      </details>
    </form>
  );
}
