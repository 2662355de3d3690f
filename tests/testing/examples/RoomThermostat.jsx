/** A component of a dashboard in React: a temperature, a target that can be set, and whether there is a connection. */

import { useState } from 'react';
import { usePublish, useStatus, useTopic } from 'wasmqtt/react';

export function RoomThermostat({ room }) {
  const { state } = useStatus();
  const temperature = useTopic(`rooms/${room}/temperature`, (message) => message.json());
  const publish = usePublish();
  const [failure, setFailure] = useState();
  const heat = () =>
    publish(`rooms/${room}/target`, '21', { qos: 1, retain: true }).then(
      () => setFailure(undefined),
      (error) => setFailure(error.code),
    );
  return (
    <section>
      <output aria-label="temperature">{temperature === undefined ? '–' : `${temperature} °C`}</output>
      <button type="button" onClick={heat}>
        Heat
      </button>
      {state !== 'connected' && <p role="status">offline</p>}
      {failure && <p role="alert">{failure}</p>}
    </section>
  );
}
