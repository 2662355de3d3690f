/**
 * The demo, first bullet: connect and disconnect with every setting; state, limits and round trip shown.
 * It does not test the protocol, but that the page hands on what was filled in.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { createWebSocketStream, WebSocketServer } from 'ws';
import {
  choose,
  field,
  fill,
  press,
  screenshot,
  textOf,
  tick,
  unfold,
  untilState,
  untilText,
  useDemo,
} from './support.mjs';

/** Fills in the address of another broker. */
async function useAddress(page, url) {
  await tick(page, '#settings', 'Any other', true);
  await fill(page, '#settings', 'Address', url);
}

const reconnect = (page) => press(page, '#settings button[type=submit]');

describe('with aedes', () => {
  const demo = useDemo();

  test('the_page_connects_falls_back_to_3_1_1_and_says_what_is_lacking', () =>
    demo.withPage(async (page) => {
      await untilText(page, '#facts', /MQTT 3\.1\.1/);
      await untilText(page, '#fell-back', /fell back to MQTT 3\.1\.1/);
      for (const name of ['Message properties', 'Session expiry', 'Shared subscriptions', 'Will delay']) {
        await untilText(page, '#lacks', new RegExp(name));
      }
      await untilText(page, '#round-trip', /\d.* ms/);
      await unfold(page, '#limits');
      assert.match(await textOf(page, '#limits'), /Keep alive30 s.*Maximum QoS2.*Receive maximum65,535/);
      await unfold(page, '#traffic');
      await untilText(page, '#traffic', /Received\d+ messages.*Connections1/);
      await untilText(page, '#traffic', /In[1-9][\d.]* messages\/s, .*Oldest in flight.*Answers after\d.* ms \(p50\)/);
      await screenshot(page, 'connection-aedes', { fullPage: true });
    }));

  test('disconnect_and_connect_again', () =>
    demo.withPage(async (page) => {
      await press(page, '#connect-toggle');
      await untilState(page, 'off');
      await press(page, '#connect-toggle');
      await untilState(page, 'connected');
    }));

  test('version_identifier_keep_alive_clean_start_and_the_will_reach_the_broker', async () => {
    const watcher = await mqtt.connectAsync({ host: '127.0.0.1', port: demo.mqttTcpPort });
    try {
      await watcher.subscribeAsync('tests/will', { qos: 1 });
      const will = new Promise((resolve) =>
        watcher.on('message', (_topic, payload, packet) => resolve({ text: payload.toString(), qos: packet.qos })),
      );
      await demo.withPage(async (page) => {
        await choose(page, '#settings', 'Version', '4');
        await fill(page, '#settings', 'Client identifier', 'demo-tester');
        await fill(page, '#settings', 'Keep alive (s)', '17');
        await tick(page, '#settings', 'Clean start', false);
        await fill(page, '#settings', 'Will topic', 'tests/will');
        await fill(page, '#settings', 'Will payload', 'page lost');
        await choose(page, '#settings', 'Will QoS', '1');
        await tick(page, '#settings', 'Retain the will', false);
        assert.equal(await (await field(page, '#settings', 'Will delay (s)')).evaluate((node) => node.disabled), true);
        await reconnect(page);
        await untilText(page, '#facts', /MQTT 3\.1\.1Clientdemo-testerSessionnew/);
        assert.match(await textOf(page, '#limits'), /Keep alive17 s/);
        await reconnect(page);
        await untilText(page, '#facts', /Sessionresumed/);
      });
      // The page is gone without a word.
      assert.deepEqual(await will, { text: 'page lost', qos: 1 });
    } finally {
      await watcher.endAsync(true);
    }
  });

  test('3_1_can_be_asked_for', () =>
    demo.withPage(async (page) => {
      await choose(page, '#settings', 'Version', '3');
      await reconnect(page);
      await untilText(page, '#facts', /VersionMQTT 3\.1Client/);
      await untilText(page, '#topic-table tr[data-topic="devices/pump/flow"] td.payload', /\d/);
    }));

  test('in_a_worker_it_is_the_same_dashboard', () =>
    demo.withPage(async (page) => {
      assert.equal(page.workers().length, 0);
      await tick(page, '#settings', 'In a worker', true);
      await reconnect(page);
      await untilState(page, 'connected');
      assert.equal(page.workers().length, 1);
      await untilText(page, '#topic-table tr[data-topic="devices/pump/flow"] td.payload', /\d/);
      await untilText(page, '#round-trip', /\d.* ms/);
    }));

  test('tabs_that_share_have_one_connection_and_show_which_one_has_it', () =>
    demo.withPage(async (page) => {
      await tick(page, '#settings', 'Shared by all tabs', true);
      await reconnect(page);
      await untilText(page, '#facts', /Shareda worker for 1/);
      const other = await page.browserContext().newPage();
      await other.goto(demo.url);
      await untilState(other, 'connected');
      await tick(other, '#settings', 'Shared by all tabs', true);
      await reconnect(other);
      await untilText(other, '#facts', /Shareda worker for 2/);
      const client = /Client(\w+)/;
      const ids = await Promise.all([page, other].map(async (one) => client.exec(await textOf(one, '#facts'))?.[1]));
      assert.equal(ids[0], ids[1]);
      await untilText(other, '#topic-table tr[data-topic="devices/pump/flow"] td.payload', /\d/);
      await other.close();
      await untilText(page, '#facts', /Shareda worker for 1/);
    }));

  test('where_there_is_no_shared_worker_one_tab_has_the_connection', () =>
    demo.withPage(
      async (page) => {
        await page.evaluateOnNewDocument('delete globalThis.SharedWorker');
        await page.reload();
        await untilState(page, 'connected');
        await tick(page, '#settings', 'Shared by all tabs', true);
        await reconnect(page);
        await untilText(page, '#facts', /Sharedthis tab of 1/);
      },
      { connected: false },
    ));

  test('an_address_where_nobody_listens_is_told_and_the_next_one_works', () =>
    demo.withPage(async (page) => {
      await page.evaluate(() => {
        // Somebody sets the clock back all the time, which is nothing to an attempt.
        let now = Date.now();
        Date.now = () => {
          now -= 3_600_000;
          return now;
        };
      });
      await useAddress(page, 'ws://127.0.0.1:9/');
      await reconnect(page);
      await untilState(page, 'waiting');
      await untilText(page, '.trouble', /next try in \d\d?\.\d s/);
      await press(page, '#doctor button');
      await untilText(page, '.findings li:first-child', /^Problem Nothing listens there.*curl/);
      await screenshot(page, 'doctor', { fullPage: true });
      const { webSocketUrl } = await demo.config();
      await useAddress(page, webSocketUrl);
      await reconnect(page);
      await untilState(page, 'connected');
      await untilText(page, '[data-scene=network] .note', /Only with the embedded broker/);
      await press(page, '#doctor button');
      await untilText(page, '#doctor', /a client connects.*limits of the server.*ms to the server and back/);
      await untilState(page, 'connected');
    }));
});

describe('with mosquitto', () => {
  const demo = useDemo({ broker: 'mosquitto' });

  test('the_page_speaks_5_0_with_session_expiry_and_nothing_is_lacking', () =>
    demo.withPage(async (page) => {
      await untilText(page, '#facts', /MQTT 5\.0/);
      await untilText(page, '#lacks', /offers everything/);
      assert.equal(await page.$('#fell-back'), null);
      await fill(page, '#settings', 'Client identifier', 'demo-five');
      await fill(page, '#settings', 'Session expiry (s)', '60');
      await tick(page, '#settings', 'Clean start', false);
      await reconnect(page);
      await untilText(page, '#facts', /demo-five/);
      await untilText(page, '#limits', /Session expiry60 s/);
      await reconnect(page);
      await untilText(page, '#facts', /Sessionresumed/);
      await screenshot(page, 'connection-mosquitto', { fullPage: true });
    }));
});

describe('with a broker that asks for a password', () => {
  const demo = useDemo();
  let broker;
  let http;

  before(async () => {
    broker = await Aedes.createBroker({
      authenticate: (_client, name, password, done) => {
        if (name === 'alice' && String(password) === 'secret') done(null, true);
        else done(Object.assign(new Error('wrong'), { returnCode: 4 }), false);
      },
    });
    http = createServer();
    const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'mqtt' });
    sockets.on('connection', (socket, request) =>
      broker.handle(
        createWebSocketStream(socket).on('error', () => {}),
        request,
      ),
    );
    await new Promise((done) => http.listen(0, '127.0.0.1', done));
  });
  after(async () => {
    http?.closeAllConnections();
    await new Promise((done) => broker?.close(done));
    await new Promise((done) => http?.close(done));
  });

  test('an_address_that_no_page_can_open_is_told_with_what_to_give_instead', () =>
    demo.withPage(async (page) => {
      await useAddress(page, 'mqtt://alice:secret@127.0.0.1:1883');
      await reconnect(page);
      await untilState(page, 'closed');
      await untilText(page, '#connection .alert', /cannot open TCP.*ws:\/\/host:9001/);
      assert.doesNotMatch(await textOf(page, '#connection .alert'), /alice|secret/);
    }));

  test('user_name_and_password_are_handed_on_right_and_wrong', () =>
    demo.withPage(async (page) => {
      await useAddress(page, `ws://127.0.0.1:${http.address().port}/`);
      await fill(page, '#settings', 'User name', 'alice');
      await fill(page, '#settings', 'Password', 'wrong');
      await reconnect(page);
      await untilState(page, 'closed');
      await untilText(page, '#connection .alert', /connection-refused|auth/);
      await press(page, '#doctor button');
      await untilText(page, '.findings li:first-child', /refuses the connection.*Check user name and password/);
      assert.doesNotMatch(await textOf(page, '#doctor'), /alice|wrong/);
      assert.doesNotMatch(await textOf(page, 'body'), /wrong$/);
      await fill(page, '#settings', 'Password', 'secret');
      await reconnect(page);
      await untilState(page, 'connected');
    }));
});
