/**
 * @jest-environment ./jest/environment.mjs
 *
 * How a component is tested in Jest with jsdom: the client is the real one, and the broker is in memory.
 */

import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createElement as h } from 'react';
import { connect, preload } from 'wasmqtt';
import { MqttProvider, usePublish, useStatus, useTopic } from 'wasmqtt/react';
import { createBroker } from 'wasmqtt/testing';

function Lamp({ name }) {
  const { state } = useStatus();
  const lit = useTopic(`lamps/${name}`, (message) => message.text() === 'on');
  const publish = usePublish();
  const toggle = () => publish(`lamps/${name}/set`, lit ? 'off' : 'on', { qos: 1 });
  return h(
    'button',
    { type: 'button', onClick: toggle, disabled: state !== 'connected' },
    `${name} is ${lit ? 'on' : 'off'}`,
  );
}

// A busy machine is slow to draw; a test that passes waits no longer for it.
configure({ asyncUtilTimeout: 10_000 });

let broker;

// The WebAssembly is loaded once, before anything is waited for.
beforeAll(() => preload());

beforeEach(() => {
  broker = createBroker();
});

afterEach(async () => {
  cleanup();
  await broker.waitFor(() => broker.clients.length === 0);
  broker.close();
});

const show = () =>
  render(
    h(MqttProvider, { client: () => connect(broker.url, { ...broker.options, reconnect: { min: 10, max: 10 } }) }, [
      h(Lamp, { key: 'hall', name: 'hall' }),
    ]),
  );

test('what is published is drawn, and a click is published', async () => {
  await broker.publish('lamps/hall', 'on', { retain: true });
  broker.subscribe('lamps/hall/set', (message) => broker.publish('lamps/hall', message.text(), { retain: true }));
  show();
  const lamp = await screen.findByText('hall is on');
  expect(lamp.disabled).toBe(false);
  await fireEvent.click(lamp);
  await screen.findByText('hall is off');
  expect(broker.published('lamps/hall/set').map((message) => message.text())).toEqual(['off']);
});

test('it is out of use while the broker is away', async () => {
  show();
  await screen.findByText('hall is off');
  await waitFor(() => expect(screen.getByRole('button').disabled).toBe(false));
  broker.offline();
  await waitFor(() => expect(screen.getByRole('button').disabled).toBe(true));
  broker.online();
  await waitFor(() => expect(screen.getByRole('button').disabled).toBe(false));
});
