/**
 * The doctor on a WebSocket that opens: it names what a server makes of CONNECT and of what is asked for, and leaves nothing at
 * the server. It does not know how a WebSocket comes to be.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { allowed, diagnosis, upgrading, wrong } from '../support/doctor.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto({ config: ['sys_interval 1', 'max_packet_size 4000', 'max_inflight_messages 7'] });
const { pageTest } = await startBrowser();

/** What would be left at the server if it were sent. */
const TRACES = {
  will: { topic: 'doctor/will', payload: 'x', retain: true },
  sessionExpiry: 600,
  cleanStart: false,
  clientId: 'mine',
};

/** Lets in, and does what is scripted with the rest. */
const scripted = (more = () => {}, said = {}) =>
  startPacketServer((packet, line) => {
    if (packet.cmd === 'connect') {
      line.send(connack(said));
    } else if (packet.cmd === 'pingreq') {
      line.send({ cmd: 'pingresp' });
    }
    more(packet, line);
  });

/** Grants and takes everything. */
const willing = ({ cmd, messageId }, line) => {
  if (cmd === 'subscribe') {
    line.send({ cmd: 'suback', messageId, granted: [0] });
  } else if (cmd === 'publish') {
    line.send({ cmd: 'puback', messageId, reasonCode: 0 });
  }
};

const found = (report, code) => report.findings.find((finding) => finding.code === code) ?? assert.fail(report.text);

pageTest('a broker is there: its limits and the way to it are told, and nothing is left', async ({ page }) => {
  const options = { ...TRACES, trySubscribe: ['doctor/#'], tryPublish: ['doctor/one'], tryIdle: 10 };
  const report = await diagnosis(page, broker.url, options);
  assert.equal(report.ok, true, report.text);
  const codes = report.findings.map(({ code }) => code).sort();
  assert.deepEqual(codes, ['idle', 'publish', 'round-trip', 'server', 'subscription']);
  assert.match(report.text, /an MQTT client connects/);
  assert.match(found(report, 'server').detail, /^MQTT 5\.0: 4000 bytes a packet, 7 publishes at once, QoS 2, 10 topic/);
  assert.match(found(report, 'round-trip').title, /^\d+(\.\d+)? ms/);

  const peer = await connectPeer(broker);
  await peer.subscribe('#');
  await peer.subscribe('$SYS/broker/#');
  const said = (topic) => peer.received.filter((message) => message.topic === topic).map(({ text }) => text);
  // The first ones are from before.
  await peer.holds(() => said('$SYS/broker/uptime').length > 2);
  assert.equal(said('$SYS/broker/clients/total').at(-1), '1', 'clients, with those whose session is kept');
  assert.deepEqual(
    peer.received.map(({ topic }) => topic).filter((topic) => !topic.startsWith('$SYS/')),
    [],
    'no will and no retained message',
  );
  await peer.end();
});

pageTest('what is sent would leave nothing at any server', async ({ page }) => {
  const server = await scripted(willing);
  const options = { ...TRACES, trySubscribe: ['a', 'b'], tryPublish: ['c'], tryIdle: 10 };
  const report = await diagnosis(page, server.url, { ...options, protocol: 5 });
  assert.equal(report.ok, true, report.text);
  await server.gone(server.connections);
  const connects = await server.received('connect', 5);
  for (const { clean, will, clientId, properties } of connects) {
    assert.deepEqual(
      { clean, will, expiry: properties?.sessionExpiryInterval ?? 0 },
      { clean: true, will: undefined, expiry: 0 },
    );
    assert.notEqual(clientId, 'mine');
  }
  assert.equal((await server.received('disconnect')).length, connects.length);
  assert.deepEqual(
    (await server.received('publish')).map(({ retain, payload, topic }) => [retain, payload.length, topic]),
    [[false, 0, 'c']],
  );
});

pageTest('the limits of a server that allows little, and a will that it does not take', async ({ page }) => {
  const properties = {
    retainAvailable: false,
    wildcardSubscriptionAvailable: false,
    sharedSubscriptionAvailable: false,
    maximumQoS: 0,
    receiveMaximum: 3,
    serverKeepAlive: 5,
  };
  const { url } = await scripted(willing, { properties });
  const report = await diagnosis(page, url, { ...TRACES, protocol: 5, tryIdle: 60_000 });
  assert.match(
    found(report, 'server').detail,
    /3 publishes at once, QoS 0, .*keep-alive 5 s; no retained messages, no wildcards, no shared subscriptions/,
  );
  assert.match(found(report, 'idle').title, /keep-alive of 5 s/);
  assert.deepEqual(wrong(report), ['options'], report.text);
  assert.match(report.findings[0].remedy, /a will without retain/);
});

pageTest('PINGREQ that is not answered', async ({ page }) => {
  const { url } = await startPacketServer(({ cmd }, line) => {
    if (cmd === 'connect') {
      line.send(connack());
    } else if (cmd === 'pingreq') {
      line.close();
    }
  });
  const report = await diagnosis(page, url, { protocol: 5 });
  assert.equal(found(report, 'round-trip').severity, 'warning');
  assert.equal(report.ok, true);
});

pageTest(
  'a connection that is closed before CONNACK, on which nothing answers, or on which something else is spoken',
  async ({ page }) => {
    const onSocket = (socket) => socket.on('message', () => socket.close(1011));
    const closing = await upgrading('/mqtt', { onSocket });
    for (const protocol of [4, 'auto']) {
      const closed = await diagnosis(page, `${closing}/mqtt`, { protocol, clientId: 'mine' });
      assert.deepEqual(wrong(closed), ['closed-before-connack'], closed.text);
      assert.match(closed.text, /1011[\s\S]*tryClientId/);
    }
    const silent = await upgrading('/mqtt');
    const unanswered = await diagnosis(page, `${silent}/mqtt`, { connectTimeout: 100 });
    assert.deepEqual(wrong(unanswered), ['no-connack'], unanswered.text);
    const other = await upgrading('/mqtt', {
      onSocket: (socket) => socket.on('message', () => socket.send('{"a":1}')),
    });
    const spoken = await diagnosis(page, `${other}/mqtt`, { protocol: 5 });
    assert.deepEqual(wrong(spoken), ['no-mqtt'], spoken.text);
  },
  { allowed },
);

pageTest(
  'a CONNACK that refuses, each with its remedy',
  async ({ page }) => {
    let code = 0;
    const of5 = await startPacketServer(
      ({ cmd }, line) => cmd === 'connect' && line.send(connack({ reasonCode: code })),
    );
    const remedies = new Map();
    for (code of [
      0x80, 0x81, 0x82, 0x83, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
    ]) {
      const report = await diagnosis(page, of5.url, { protocol: 5 });
      assert.deepEqual(wrong(report), ['refused'], report.text);
      assert.match(report.findings[0].detail, new RegExp(`0x${code.toString(16)}, \\w`));
      remedies.set(code, report.findings[0].remedy);
    }
    for (code of [0x9c, 0x9d, 0x9f]) {
      remedies.set(code, (await diagnosis(page, of5.url, { protocol: 5 })).findings[0].remedy);
    }
    for (const [reason, remedy] of [
      [0x80, /log/],
      [0x85, /clientId/],
      [0x86, /password/],
      [0x87, /credentials/],
      [0x89, /later/],
      [0x8a, /banned/],
      [0x8c, /method of authentication/],
      [0x97, /number of connections/],
      [0x9d, /followServerReference/],
      [0x9f, /less often/],
    ]) {
      assert.match(remedies.get(reason), remedy);
    }
    const of4 = await startPacketServer(
      ({ cmd }, line) => cmd === 'connect' && line.send({ cmd: 'connack', returnCode: code, sessionPresent: false }),
      4,
    );
    for (const [returned, remedy] of /** @type {const} */ ([
      [2, /clientId/],
      [3, /later/],
      [4, /user name and password/],
      [5, /does not let it in/],
    ])) {
      code = returned;
      const report = await diagnosis(page, of4.url, { protocol: 4 });
      assert.deepEqual(wrong(report), ['refused'], report.text);
      assert.match(report.findings[0].remedy, remedy);
    }
  },
  { allowed },
);

pageTest('a broker that asks for a password', async ({ page }) => {
  const strict = await startMosquitto({ users: { somebody: 'else' } });
  for (const protocol of [3, 4, 5, 'auto']) {
    const report = await diagnosis(page, strict.url, { protocol });
    assert.deepEqual(wrong(report), ['refused'], report.text);
    assert.match(report.findings[0].remedy, /user name/);
  }
});

pageTest('a version that is not spoken, whether the server says so or only hangs up', async ({ page }) => {
  for (const says of [true, false]) {
    const { url } = await startPacketServer((packet, line) => {
      if (packet.cmd === 'pingreq') {
        line.send({ cmd: 'pingresp' });
      } else if (packet.cmd === 'connect') {
        const spoken = packet.protocolVersion === 4;
        if (spoken || says) {
          line.send({ cmd: 'connack', returnCode: spoken ? 0 : 1, sessionPresent: false });
        } else {
          line.close();
        }
      }
    }, 4);
    const asked = await diagnosis(page, url, { protocol: 5 });
    assert.deepEqual(wrong(asked), ['version-not-spoken'], asked.text);
    assert.match(asked.findings[0].remedy, /protocol: 4/);
    const report = await diagnosis(page, url);
    assert.equal(report.ok, true, report.text);
    assert.equal(found(report, 'version-not-spoken').severity, 'info');
  }
});

pageTest('a subscription or a publish over which the server closes, and one that it refuses', async ({ page }) => {
  const closing = await scripted(({ cmd }, line) => /^(subscribe|publish)$/.test(cmd) && line.close());
  const options = { trySubscribe: ['a/#'], tryPublish: ['b'] };
  const closed = await diagnosis(page, closing.url, options);
  assert.deepEqual(wrong(closed), ['subscription', 'publish'], closed.text);
  assert.match(closed.text, /closes the connection when asked to subscribe to a\/#[\s\S]*when asked to publish to b/);
  const denying = await scripted(({ cmd, messageId }, line) => {
    if (cmd === 'subscribe') {
      line.send({ cmd: 'suback', messageId, granted: [0x87] });
    } else if (cmd === 'publish') {
      line.send({ cmd: 'puback', messageId, reasonCode: 0x87 });
    }
  });
  const denied = await diagnosis(page, denying.url, options);
  assert.deepEqual(wrong(denied), ['subscription', 'publish'], denied.text);
  assert.match(denied.text, /does not allow to subscribe to a\/#[\s\S]*0x87/);
});

pageTest('an identifier that another client has, only if that is asked for', async ({ page }) => {
  const fighting = await connectPeer(broker, { clientId: 'mine', reconnectPeriod: 20 });
  const asked = await diagnosis(page, broker.url, { clientId: 'mine', tryClientId: true });
  assert.deepEqual(wrong(asked), ['identifier-taken'], asked.text);
  assert.match(asked.findings[0].detail, /closed soon after|0x8E/);
  const saying = await scripted(({ cmd, clientId }, line) => {
    if (cmd === 'connect' && clientId === 'mine') {
      line.send({ cmd: 'disconnect', reasonCode: 0x8e });
    }
  });
  const said = await diagnosis(page, saying.url, { protocol: 5, clientId: 'mine', tryClientId: true });
  assert.deepEqual(wrong(said), ['identifier-taken'], said.text);
  assert.match(said.findings[0].detail, /0x8E/);
  let lost = 0;
  fighting.client.on('close', () => lost++);
  assert.deepEqual(wrong(await diagnosis(page, broker.url, { clientId: 'mine' })), []);
  assert.equal(lost, 0, 'nobody is thrown out who was not to be');
  await fighting.end();
  const free = await diagnosis(page, broker.url, { clientId: 'mine', tryClientId: true, trySubscribe: ['a'] });
  assert.equal(free.ok, true, free.text);
});

pageTest('how long a proxy bears silence, if that is asked for', async ({ page }) => {
  const proxy = await startProxy(broker.wsPort);
  proxy.cutWhenIdle(1_000);
  const report = await diagnosis(page, proxy.url, { tryIdle: 50_000 });
  const { title, remedy } = found(report, 'idle-timeout');
  const seconds = Number(/closed after ([\d.]+) s/.exec(title)?.[1]);
  assert.ok(seconds >= 1 && seconds < 10, title);
  assert.match(remedy, /keepAlive of at most \d s/);
  const borne = await diagnosis(page, broker.url, { tryIdle: 50 });
  assert.match(found(borne, 'idle').title, /50 ms is borne/);
  assert.ok((await diagnosis(page, broker.url)).findings.every(({ code }) => !/idle/.test(code)));
});

pageTest(
  'options that the client does not take, and a WebSocket of the application',
  async ({ page }) => {
    for (const options of [{ keepAlive: -1 }, { nonsense: 1 }]) {
      const report = await diagnosis(page, broker.url, options);
      assert.deepEqual(wrong(report), ['options'], report.text);
      assert.match(report.findings[0].detail, new RegExp(Object.keys(options)[0] ?? ''));
    }
    const reports = await page.evaluate(async (url) => {
      const { diagnose } = await import('/dist/doctor.js');
      const made = [
        (address, protocols) => new WebSocket(address, protocols),
        () => new WebSocket('ws://127.0.0.1:1/'),
      ];
      return Promise.all(made.map(async (factory) => (await diagnose(url, { websocket: { factory } })).toJSON()));
    }, broker.url);
    assert.deepEqual(reports.map(wrong), [[], ['nothing-listens']]);
  },
  { allowed },
);
