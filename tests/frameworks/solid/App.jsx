/** A dashboard in one file. */

import { createEffect, createSignal, For, Show as When } from 'solid-js';
import {
  MqttProvider,
  useMessages,
  usePublish,
  useRequest,
  useStatus,
  useSubscription,
  useTopic,
  useTopics,
} from 'wasmqtt/solid';

const GAUGES = Array.from({ length: 20 }, (_, index) => index);

/** `client` is one, or a function that makes it. */
export function App(props) {
  return (
    <MqttProvider client={props.client} linger={props.linger}>
      <h1>Plant</h1>
      <Connection />
      <Readings />
      <Lamp />
      <Gauges />
    </MqttProvider>
  );
}

function Connection() {
  const status = useStatus();
  return (
    <p>
      <span id="status">{status().state}</span> <span id="lost">{status().error?.code}</span>
    </p>
  );
}

function Readings() {
  const readings = useSubscription('plant/+/temperature', { qos: 1 });
  const refused = useSubscription('plant/#/temperature');
  const topics = useTopics('plant/+/temperature', { qos: 1 });
  const messages = useMessages('plant/+/temperature', { qos: 1, limit: 5 });
  return (
    <section>
      <p id="last">{readings().message?.text()}</p>
      <p id="granted">{readings().granted?.qos}</p>
      <p id="refused">{refused().error?.code}</p>
      <ul id="topics">
        <For each={[...topics()]}>{([topic, last]) => <li>{`${topic}: ${last.text()}`}</li>}</For>
      </ul>
      <p id="messages">
        {messages()
          .map((one) => one.text())
          .join(' ')}
      </p>
    </section>
  );
}

function Lamp() {
  const publish = usePublish();
  const lamp = useRequest('lamps/1/state', { timeout: 10_000 });
  return (
    <section>
      <button id="publish" type="button" onClick={() => publish('from-page', 'on', { qos: 1 })}>
        On
      </button>
      <button id="ask" type="button" onClick={() => lamp.request('which?').catch(() => {})}>
        Ask
      </button>
      <span id="reply">{lamp.pending ? 'asking' : (lamp.error?.code ?? lamp.reply?.text())}</span>
    </section>
  );
}

function Gauges() {
  const [shown, setShown] = createSignal(true);
  return (
    <section>
      <button id="toggle" type="button" onClick={() => setShown(!shown())}>
        Gauges
      </button>
      <When when={shown()}>
        <For each={GAUGES}>{(index) => <Gauge index={index} />}</For>
      </When>
    </section>
  );
}

function Gauge(props) {
  const temperature = useTopic('plant/1/temperature', (message) => message.json());
  createEffect(() => {
    const value = temperature();
    globalThis.drawn?.(props.index, value);
  });
  return <output class="gauge">{temperature()}</output>;
}
