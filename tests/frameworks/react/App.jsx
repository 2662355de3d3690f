/** A dashboard in one file. */

import { useState } from 'react';
import {
  MqttProvider,
  useMessages,
  usePublish,
  useRequest,
  useStatus,
  useSubscription,
  useTopic,
  useTopics,
} from 'wasmqtt/react';

const GAUGES = Array.from({ length: 20 }, (_, index) => index);

/** `client` is one, or a function that makes it. */
export function App({ client, linger }) {
  return (
    <MqttProvider client={client} linger={linger}>
      <h1>Plant</h1>
      <Connection />
      <Readings />
      <Lamp />
      <Gauges />
    </MqttProvider>
  );
}

function Connection() {
  const { state, error } = useStatus();
  return (
    <p>
      <span id="status">{state}</span> <span id="lost">{error?.code}</span>
    </p>
  );
}

function Readings() {
  const { message, granted } = useSubscription('plant/+/temperature', { qos: 1 });
  const refused = useSubscription('plant/#/temperature');
  const topics = useTopics('plant/+/temperature', { qos: 1 });
  const messages = useMessages('plant/+/temperature', { qos: 1, limit: 5 });
  return (
    <section>
      <p id="last">{message?.text()}</p>
      <p id="granted">{granted?.qos}</p>
      <p id="refused">{refused.error?.code}</p>
      <ul id="topics">
        {[...topics].map(([topic, last]) => (
          <li key={topic}>{`${topic}: ${last.text()}`}</li>
        ))}
      </ul>
      <p id="messages">{messages.map((one) => one.text()).join(' ')}</p>
    </section>
  );
}

function Lamp() {
  const publish = usePublish();
  const { request, reply, error, pending } = useRequest('lamps/1/state', { timeout: 10_000 });
  return (
    <section>
      <button id="publish" type="button" onClick={() => publish('from-page', 'on', { qos: 1 })}>
        On
      </button>
      <button id="ask" type="button" onClick={() => request('which?').catch(() => {})}>
        Ask
      </button>
      <span id="reply">{pending ? 'asking' : (error?.code ?? reply?.text())}</span>
    </section>
  );
}

function Gauges() {
  const [shown, setShown] = useState(true);
  return (
    <section>
      <button id="toggle" type="button" onClick={() => setShown(!shown)}>
        Gauges
      </button>
      {shown && GAUGES.map((index) => <Gauge key={index} index={index} />)}
    </section>
  );
}

function Gauge({ index }) {
  const temperature = useTopic('plant/1/temperature', (message) => message.json());
  globalThis.drawn?.(index, temperature);
  return <output className="gauge">{temperature}</output>;
}
