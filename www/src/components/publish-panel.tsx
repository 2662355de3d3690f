/**
 * The form to publish with every property, and the log in which the acknowledgements arrive.
 * It does not send anything by itself.
 */
import { useSignal } from '@preact/signals';
import type { PublishOptions } from 'wasmqtt';
import { clock, milliseconds, reason } from '../lib/format.js';
import { parseHex, parsePairs } from '../lib/payload.js';
import { server } from '../state/connection.js';
import { whyNotFive } from '../state/features.js';
import { type Fate, log, publish } from '../state/publishing.js';
import { AreaField, CheckField, Fold, isWide, QosField, SelectField, TextField } from './fields.js';

const wide = isWide();
const SHOWN = 30;
const FORMATS = [
  ['text', 'Text'],
  ['hex', 'Hex'],
] as const;

interface Draft {
  readonly topic: string;
  readonly payload: string;
  readonly format: 'text' | 'hex';
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly contentType: string;
  readonly expiry: string;
  readonly responseTopic: string;
  readonly correlation: string;
  readonly markText: boolean;
  readonly user: string;
}

const FIRST: Draft = {
  topic: 'demo/hello',
  payload: '{ "text": "Hello, devices" }',
  format: 'text',
  qos: 1,
  retain: false,
  contentType: '',
  expiry: '',
  responseTopic: '',
  correlation: '',
  markText: false,
  user: '',
};

export function PublishPanel() {
  return (
    <Fold title="Publish" id="publish" open={wide}>
      <PublishForm />
      <Log />
    </Fold>
  );
}

function PublishForm() {
  const draft = useSignal(FIRST);
  const form = draft.value;
  const set = (part: Partial<Draft>) => {
    draft.value = { ...draft.value, ...part };
  };
  const info = server.value;
  const why = whyNotFive(info);
  const bytes = form.format === 'hex' ? parseHex(form.payload) : undefined;
  const wrong = form.format === 'hex' && bytes === undefined ? 'Not hexadecimal: pairs of 0-9 and a-f.' : undefined;
  const submit = () => {
    if (wrong !== undefined) return;
    publish(form.topic, bytes ?? form.payload, optionsOf(form, why === undefined)).catch(() => {
      // The log tells.
    });
  };
  return (
    <form
      class="form"
      aria-label="Publish"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
    >
      <TextField label="Topic" mono required value={form.topic} onInput={(topic) => set({ topic })} />
      <AreaField label="Payload" rows={2} value={form.payload} hint={wrong} onInput={(payload) => set({ payload })} />
      <div class="two uneven">
        <QosField value={form.qos} max={info?.maximumQoS ?? 2} onChange={(qos) => set({ qos })} />
        <SelectField label="Written as" value={form.format} options={FORMATS} onChange={(format) => set({ format })} />
      </div>
      <details class="more">
        <summary>Properties</summary>
        <fieldset disabled={why !== undefined} class="five">
          <legend>Of MQTT 5.0</legend>
          {why !== undefined && <p class="note">{why}</p>}
          <div class="two">
            <TextField
              label="Content type"
              placeholder="application/json"
              value={form.contentType}
              onInput={(contentType) => set({ contentType })}
            />
            <TextField
              label="Expiry (s)"
              type="number"
              min={0}
              value={form.expiry}
              onInput={(expiry) => set({ expiry })}
            />
            <TextField
              label="Response topic"
              mono
              value={form.responseTopic}
              onInput={(responseTopic) => set({ responseTopic })}
            />
            <TextField
              label="Correlation data"
              mono
              value={form.correlation}
              onInput={(correlation) => set({ correlation })}
            />
          </div>
          <AreaField
            label="User properties"
            rows={2}
            placeholder="name: value"
            hint="One a line."
            value={form.user}
            onInput={(user) => set({ user })}
          />
          <CheckField
            label="Mark the payload as text"
            checked={form.markText}
            onChange={(markText) => set({ markText })}
          />
        </fieldset>
      </details>
      <div class="send">
        <CheckField
          label="Retain"
          checked={form.retain && info?.retainAvailable !== false}
          why={info?.retainAvailable === false ? 'The server has no retained messages.' : undefined}
          onChange={(retain) => set({ retain })}
        />
        <button type="submit" class="primary">
          Publish
        </button>
      </div>
    </form>
  );
}

function optionsOf(form: Draft, five: boolean): PublishOptions {
  const plain: PublishOptions = { qos: form.qos, retain: form.retain };
  if (!five) return plain;
  const pairs = parsePairs(form.user);
  return {
    ...plain,
    ...(form.contentType === '' ? {} : { contentType: form.contentType }),
    ...(form.expiry === '' ? {} : { expiry: Number(form.expiry) }),
    ...(form.responseTopic === '' ? {} : { responseTopic: form.responseTopic }),
    ...(form.correlation === '' ? {} : { correlationData: new TextEncoder().encode(form.correlation) }),
    ...(form.markText ? { payloadFormat: 'utf-8' as const } : {}),
    ...(pairs.length === 0 ? {} : { userProperties: pairs }),
  };
}

function Log() {
  if (log.value.length === 0) return null;
  return (
    <>
      <h3>Acknowledgements</h3>
      <ol class="rows log" id="publish-log" tabIndex={0} aria-label="Publishes, the newest first">
        {log.value.slice(0, SHOWN).map((line) => (
          <li key={line.number} data-phase={line.fate.phase}>
            <div class="what">
              <code>{line.topic}</code>
            </div>
            <div class="outcome">
              <span class="sub">
                {clock(line.time).slice(0, 8)} · QoS {line.qos}
                {line.retain ? ' · retain' : ''}
              </span>
              <FateText fate={line.fate} />
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function FateText({ fate }: { fate: Fate }) {
  switch (fate.phase) {
    case 'queued':
      return <span class="fate">queued</span>;
    case 'sent':
      return <span class="fate">sent · {milliseconds(fate.ms)}</span>;
    case 'acknowledged':
      return (
        <span class="fate good">
          acknowledged · {milliseconds(fate.ms)}
          {fate.protocol === 5 && <span class="sub">{reason(fate.reasonCode)}</span>}
        </span>
      );
    case 'failed':
      return <span class="fate bad">{fate.text}</span>;
  }
}
