/**
 * @vitest-environment jsdom
 *
 * How a component in Svelte is tested: the client is the real one, and the broker is in memory.
 */

import { cleanup, configure, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from 'wasmqtt';
import { createBroker } from 'wasmqtt/testing';
import Page from './Page.svelte';

const show = () => render(Page, { client: () => connect(broker.url, options()) });

// A busy machine is slow to draw; a test that passes waits no longer for it.
configure({ asyncUtilTimeout: 10_000 });

let broker;

// The WebAssembly is loaded once, before anything is waited for.
beforeAll(async () => {
  const first = createBroker();
  const client = connect(first.url, first.options);
  await client.ready;
  await client.close();
  first.close();
});

beforeEach(() => {
  broker = createBroker();
});

afterEach(() => {
  cleanup();
  broker.close();
});

/** It is back soon when it is offline. */
const options = () => ({ ...broker.options, reconnect: { min: 10, max: 10 } });

test('it shows the temperature that is retained, and each that follows', async () => {
  await broker.publish('rooms/attic/temperature', '18.5', { retain: true });
  show();
  expect(screen.getByLabelText('temperature').textContent).toBe('–');
  await screen.findByText('18.5 °C');
  await broker.publish('rooms/attic/temperature', '19');
  await screen.findByText('19 °C');
});

test('it publishes the target', async () => {
  show();
  await broker.waitFor(() => broker.clients.length === 1);
  const published = broker.next('publish');
  await fireEvent.click(screen.getByText('Heat'));
  expect(await published).toMatchObject({ topic: 'rooms/attic/target', qos: 1, retain: true });
  expect(broker.retained('rooms/attic/target').map((message) => message.text())).toEqual(['21']);
});

test('it says what the broker has against a target', async () => {
  broker.forbid('rooms/+/target');
  show();
  await fireEvent.click(screen.getByText('Heat'));
  expect((await screen.findByRole('alert')).textContent).toBe('refused');
});

test('it says when it is offline, and goes on afterwards', async () => {
  show();
  await broker.publish('rooms/attic/temperature', '20', { retain: true });
  await screen.findByText('20 °C');
  expect(screen.queryByText('offline')).toBe(null);
  broker.offline();
  await screen.findByText('offline');
  await broker.publish('rooms/attic/temperature', '22', { retain: true });
  broker.online();
  await screen.findByText('22 °C');
});
