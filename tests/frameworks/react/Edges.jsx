/** What is hard for a store in React: renders that are interrupted, filters that change, values that cannot be read. */

import { memo, StrictMode, startTransition, useLayoutEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { MqttProvider, useMessages, useStatus, useSubscription, useTopic } from 'wasmqtt/react';

const SLOW = Array.from({ length: 40 }, (_, index) => index);

/** Long enough that React does others' work in between. */
const Slow = memo(function Slow() {
  const value = useTopic('count');
  const end = performance.now() + 4;
  while (performance.now() < end);
  return <i className="slow">{value}</i>;
});

function Edges() {
  const [{ slow, topic, key }, set] = useState({ slow: false, topic: 'a', key: 0 });
  const value = useTopic('count');
  const json = useTopic(topic, (message) => message.json());
  const { message, error } = useSubscription(topic && 'a/#/b');
  const messages = useMessages(topic, { limit: 3 });
  useLayoutEffect(() => {
    // As it is shown: all of it must be of one moment.
    globalThis.committed?.(new Set(globalThis.texts('.slow, #count')));
  });
  globalThis.edges = {
    state: useStatus().state,
    slow: () => startTransition(() => set((was) => ({ ...was, slow: true }))),
    topic: (next) => set((was) => ({ ...was, topic: next })),
    anew: () => set((was) => ({ ...was, key: was.key + 1 })),
  };
  return (
    <section key={key}>
      <b id="count">{value}</b>
      <b id="json">{JSON.stringify(json)}</b>
      <b id="messages">{messages.map((one) => one.text()).join(' ')}</b>
      <b id="error">{message ? '' : error?.code}</b>
      {slow && SLOW.map((index) => <Slow key={index} />)}
    </section>
  );
}

/** In StrictMode, with a function that is another one in each render. */
export function mount(root, make) {
  const application = createRoot(root);
  application.render(
    <StrictMode>
      <MqttProvider client={() => make()} linger={200}>
        <Edges />
      </MqttProvider>
    </StrictMode>,
  );
  return () => application.unmount();
}
