/**
 * Scene: the network is cut in the middle of a stream; messages queue, the client reconnects, and nothing is lost.
 * It plays on a connection of its own whose session the broker keeps, so that what is on its way to the page waits too.
 */
import { type Client, type ConnectOptions, connect, type ServerInfo } from 'wasmqtt';
import { integer } from '../lib/format.js';
import { config, control } from '../state/config.js';
import { awaited, type Stage } from './scene.js';

const TOTAL = 120;
const INTERVAL = 40;
const CUT_AFTER = 25;
const CUT_SECONDS = 2.5;
const LIMIT = 45_000;
const SESSION = `scene-${crypto.randomUUID().slice(0, 8)}`;

export function cutNetwork(server: ServerInfo, credentials: Pick<ConnectOptions, 'username' | 'password'>) {
  return async (stage: Stage): Promise<void> => {
    const url = config.value?.webSocketUrl;
    if (url === undefined) throw new Error('This scene needs the demo’s own server');
    const client = connect(url, {
      ...credentials,
      protocol: server.protocol,
      clientId: SESSION,
      cleanStart: false,
      ...(server.protocol === 5 ? { sessionExpiry: 120 } : {}),
      reconnect: { min: 250, max: 1_000 },
    });
    try {
      await client.ready;
      await stream(client, stage);
    } finally {
      await client.close(server.protocol === 5 ? { sessionExpiry: 0 } : {});
    }
  };
}

async function stream(client: Client, stage: Stage): Promise<void> {
  const topic = `demo/count/${SESSION}`;
  const received = new Map<number, number>();
  let sent = 0;
  let acknowledged = 0;
  let failed = 0;
  let inOrder = true;
  let newest = 0;
  const done = awaited<void>(LIMIT, 'Not everything arrived in time');

  const count = () => {
    const { queued, inFlight } = client.stats();
    const duplicates = [...received.values()].reduce((sum, times) => sum + times - 1, 0);
    const missing = sent - received.size;
    stage.numbers.value = {
      sent,
      waiting: queued + inFlight,
      acknowledged,
      received: received.size,
      duplicates,
      missing,
      total: TOTAL,
    };
    if (acknowledged + failed === TOTAL && received.size === TOTAL) done.resolve();
  };
  let attempts = 0;
  const offs = [
    client.on('disconnect', () => {
      if (attempts === 0) stage.tell('Connection lost; publishing goes on', 'bad');
      attempts += 1;
    }),
    client.on('connect', (server) => {
      const tried = attempts > 1 ? ` at attempt ${attempts}` : '';
      attempts = 0;
      const session = server.sessionPresent ? 'the session was kept' : 'the session is new';
      stage.tell(
        `Connected again${tried}; ${session}; ${integer(client.stats().queued + client.stats().inFlight)} messages wait`,
      );
    }),
  ];

  const subscription = client.subscribe(
    topic,
    (message) => {
      const number = Number(message.text());
      const times = received.get(number) ?? 0;
      if (times === 0 && number < newest) inOrder = false;
      newest = Math.max(newest, number);
      received.set(number, times + 1);
      count();
    },
    { qos: 1 },
  );
  await subscription.ready;
  stage.tell(`Publishing ${TOTAL} numbers with QoS 1, ${1_000 / INTERVAL} a second`);

  const timer = setInterval(() => {
    if (sent === TOTAL) {
      clearInterval(timer);
      return;
    }
    sent += 1;
    client.publish(topic, String(sent), { qos: 1 }).then(
      () => {
        acknowledged += 1;
        count();
      },
      () => {
        failed += 1;
        count();
      },
    );
    if (sent === CUT_AFTER) {
      stage.tell(`The network is cut for ${CUT_SECONDS} s`);
      control('network', { up: false, seconds: CUT_SECONDS }).catch((error: unknown) =>
        stage.tell(String(error), 'bad'),
      );
    }
    count();
  }, INTERVAL);

  try {
    await done.promise;
    const lost = TOTAL - received.size;
    stage.tell(
      `${TOTAL} sent, ${acknowledged} acknowledged, ${received.size} received${inOrder ? ', in order' : ''}: ${lost === 0 && failed === 0 ? 'nothing lost' : `${lost} lost`}`,
      lost === 0 && failed === 0 ? 'good' : 'bad',
    );
  } finally {
    clearInterval(timer);
    for (const off of offs) off();
    await subscription.unsubscribe().catch(() => {});
  }
}
