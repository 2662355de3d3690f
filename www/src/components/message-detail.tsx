/**
 * One message in full: payload as text, JSON or hex, its flags and all its properties.
 * It does not know the list: of a topic it shows the last message, as it changes.
 */
import type { Message } from 'wasmqtt';
import { bytes, clock } from '../lib/format.js';
import { type PayloadView, show } from '../lib/payload.js';
import { topics } from '../state/inbox.js';
import { pulse } from '../state/pulse.js';
import type { Entry } from '../state/ring.js';
import { payloadView, selection } from '../state/view.js';

const VIEWS: readonly (readonly [PayloadView, string])[] = [
  ['text', 'Text'],
  ['json', 'JSON'],
  ['hex', 'Hex'],
];

export function MessageDetail() {
  const entry = useEntry();
  if (entry === undefined) {
    return (
      <div class="detail" id="message-detail">
        <p class="empty">Pick a message or a topic to see its payload and properties.</p>
      </div>
    );
  }
  const { message } = entry;
  return (
    <section class="detail" id="message-detail" aria-label="Message in full" tabIndex={0}>
      <div class="title">
        <code>{message.topic}</code>
        <button
          type="button"
          class="icon small"
          aria-label="Close the message"
          title="Close"
          onClick={() => {
            selection.value = undefined;
          }}
        >
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      <Payload message={message} />
      <dl class="facts" id="message-facts">
        {factsOf(entry).map(([name, value], index) => (
          <div key={`${index}-${name}`}>
            <dt>{name}</dt>
            <dd title={value}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function useEntry(): Entry | undefined {
  const picked = selection.value;
  if (picked === undefined) return undefined;
  if (picked.kind === 'message') return picked.entry;
  pulse.value;
  return topics.get(picked.topic)?.last;
}

function Payload({ message }: { message: Message }) {
  const { text, note } = show(message.payload, payloadView.value);
  return (
    <>
      <fieldset class="segments">
        <legend class="unseen">Payload as</legend>
        {VIEWS.map(([name, label]) => (
          <label key={name}>
            <input
              type="radio"
              name="payload-view"
              value={name}
              checked={payloadView.value === name}
              onChange={() => {
                payloadView.value = name;
              }}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <section class="box" id="payload" tabIndex={0} aria-label={`Payload as ${payloadView.value}`}>
        <pre class={payloadView.value}>{text === '' ? <span class="quiet">empty</span> : text}</pre>
      </section>
      {note !== undefined && <p class="note">{note}</p>}
    </>
  );
}

function factsOf({ time, message }: Entry): [string, string][] {
  const { properties } = message;
  const facts: [string, string | undefined][] = [
    ['Arrived', clock(time)],
    ['Size', bytes(message.payload.length)],
    ['QoS', String(message.qos)],
    ['Retained', message.retain ? 'yes' : 'no'],
    ['Duplicate', message.duplicate ? 'yes' : 'no'],
    ['Content type', properties.contentType],
    ['Format', properties.payloadFormat],
    ['Expires in', properties.expiry === undefined ? undefined : `${properties.expiry} s`],
    ['Response topic', properties.responseTopic],
    [
      'Correlation',
      properties.correlationData === undefined ? undefined : show(properties.correlationData, 'text').text,
    ],
    ...properties.userProperties.map(([name, value]): [string, string] => [name, value]),
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}
