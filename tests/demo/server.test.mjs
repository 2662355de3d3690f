/**
 * The demo's server: what it serves, and what it refuses.
 * It does not use a browser.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { start } from '../../www/server/main.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** @type {Awaited<ReturnType<typeof start>>} */
let server;

before(async () => {
  server = await start({ root, interval: 100 });
});
after(() => server?.stop());

/** A request whose path and headers leave as they are given. */
function ask(path, { method = 'GET', headers = {}, body } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const origin = () => server.url.slice(0, -1);

test('the_page_is_served_with_its_types_and_a_strict_policy', async () => {
  const page = await ask('/');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page.text)?.[1];
  const answer = await ask(script, { method: 'HEAD' });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /^text\/javascript/);
  assert.equal(answer.text, '');
});

test('nothing_outside_of_the_page_is_served', async () => {
  for (const path of [
    '/../package.json',
    '/..%2fpackage.json',
    // From where the page is built to, this one is there.
    '/..%2f..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets',
    '/assets/',
    '/%00',
    '/%zz',
    '//etc/passwd',
  ]) {
    assert.equal((await ask(path)).status, 404, path);
  }
});

test('a_name_of_a_foreign_dns_is_refused', async () => {
  assert.equal((await ask('/', { headers: { host: 'rebound.example' } })).status, 403);
});

test('the_control_endpoint_answers_the_page_itself_and_nobody_else', async () => {
  const body = JSON.stringify({ up: true });
  const post = (headers, path = '/control/network', text = body) => ask(path, { method: 'POST', headers, body: text });
  assert.equal((await post({ origin: origin() })).status, 200);
  assert.equal((await post({})).status, 403);
  assert.equal((await post({ origin: 'http://elsewhere.example' })).status, 403);
  assert.equal((await post({ origin: 'null' })).status, 403);
  assert.equal((await ask('/control/network', { headers: { origin: origin() } })).status, 405);
  assert.equal((await post({ origin: origin() }, '/control/constructor')).status, 404);
  assert.equal((await post({ origin: origin() }, '/control/network', 'no JSON')).status, 400);
  assert.equal((await post({ origin: origin() }, '/control/network', '{"up":false,"seconds":1e9}')).status, 400);
  assert.equal((await post({ origin: origin() }, '/control/kill-device', '{"id":"none"}')).status, 404);
  assert.equal((await post({ origin: origin() }, '/control/network', `{"up":"${'x'.repeat(10_000)}"}`)).status, 413);
});

test('a_device_publishes_by_plain_tcp_obeys_and_leaves_a_will', async () => {
  const client = await mqtt.connectAsync({ host: '127.0.0.1', port: server.mqttTcpPort });
  try {
    const next = (topic, passes) =>
      new Promise((resolve) => {
        const listen = (name, payload, packet) => {
          if (name !== topic || !passes(payload.toString(), packet)) return;
          client.off('message', listen);
          resolve(payload.toString());
        };
        client.on('message', listen);
      });
    const online = next('devices/pump/status', (text, { retain }) => text === 'online' && retain);
    const flow = next('devices/pump/flow', (text) => Number.isFinite(Number(text)));
    await client.subscribeAsync('devices/pump/#', { qos: 1 });
    await online;
    await flow;

    const answer = next('devices/pump/state', (text) => JSON.parse(text).n === 42);
    await client.publishAsync('devices/pump/command', '{"speed":35,"color":"red","n":42}', { qos: 1 });
    assert.deepEqual(JSON.parse(await answer), { running: true, speed: 35, n: 42, refused: ['color'] });

    const offline = next('devices/pump/status', (text) => text === 'offline');
    await ask('/control/kill-device', { method: 'POST', headers: { origin: origin() }, body: '{"id":"pump"}' });
    await offline;
  } finally {
    await client.endAsync(true);
  }
});
