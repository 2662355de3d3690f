/** MQTT on a WebSocket that opens: what the server says to CONNECT and to what is asked for. It does not know how to get there. */

import type { Client } from '../api/client.js';
import type { ConnectOptions } from '../api/connection.js';
import type { MqttError } from '../api/errors.js';
import type { ServerInfo } from '../api/types.js';
import { reasonName } from '../packets/reason-codes.js';
import type { Finding } from './report.js';
import { finding, PATIENCE } from './transport.js';

/** Makes a client that tries once. */
export type Connect = (options: ConnectOptions) => Client;

/** By the reason code of 5.0, which stands for those of 3.x, too. */
const REMEDIES: Readonly<Record<number, string>> = {
  128: 'The log of the server says more',
  129: 'The log of the server says what it does not like about CONNECT; a proxy may have changed it',
  130: 'The log of the server says what it does not like about CONNECT',
  132: 'Use another protocol: 5, 4 (3.1.1) or 3 (3.1)',
  133: 'Use another clientId: some servers want 1 to 23 letters and digits, some a certain form; some refuse an empty one',
  134: 'Check user name and password: some services want a token as one of them',
  135: 'Check user name, password and clientId: the server knows this client, or its kind, and does not let it in. Some say this for no credentials at all',
  136: 'The server is there and does not serve now: try later, or look at its state',
  137: 'The server is busy: try later',
  138: 'This client is banned: an administrator of the server can undo that',
  140: 'The server does not have this method of authentication',
  149: 'CONNECT is too long for the server: a shorter will or shorter user properties',
  151: 'A limit of the account is reached, such as its number of connections',
  153: 'The payload of the will is not what payloadFormat says',
  154: 'The server does not retain messages: a will without retain',
  155: 'A will with a lower qos',
  156: 'The server names another one: followServerReference goes there',
  157: 'The server has moved: followServerReference goes there',
  159: 'Too many connections in a short time: try later, less often',
};

export async function tryMqtt(
  make: Connect,
  options: ConnectOptions,
  tried: {
    readonly identifier: string | undefined;
    readonly subscribe: readonly string[];
    readonly publish: readonly string[];
    readonly idle: number;
  },
): Promise<Finding[]> {
  const { identifier } = tried;
  const plain = { ...withoutTraces(options), ...(identifier !== undefined && { clientId: identifier }) };
  const first = make(plain);
  let server: ServerInfo;
  try {
    server = await first.ready;
  } catch (thrown) {
    const error = thrown as MqttError;
    return error.code === 'taken-over'
      ? [taken(true)]
      : [await refused(make, plain, error, identifier === undefined ? options.clientId : undefined)];
  }
  const found: Finding[] = [];
  if (server.protocol !== 5 && (options.protocol ?? 'auto') === 'auto') {
    const name = server.protocol === 4 ? '3.1.1' : '3.1';
    const detail = `The server speaks ${name}: options and properties of 5.0 are left out.`;
    found.push(finding('version-not-spoken', 'info', 'The server does not speak MQTT 5.0', detail));
  }
  const { receiveMaximum, maximumPacketSize, maximumQoS, topicAliasMaximum, keepAlive } = server;
  const lacks = [
    !server.retainAvailable && 'retained messages',
    !server.wildcardSubscriptionAvailable && 'wildcards',
    !server.sharedSubscriptionAvailable && 'shared subscriptions',
  ].filter(Boolean);
  const limits = `${maximumPacketSize} bytes a packet, ${receiveMaximum} publishes at once, QoS ${maximumQoS}, ${topicAliasMaximum} topic aliases, keep-alive ${keepAlive} s${lacks.length > 0 ? `; no ${lacks.join(', no ')}` : ''}`;
  found.push(
    finding(
      'server',
      'info',
      'The limits of the server',
      `MQTT ${{ 3: '3.1', 4: '3.1.1', 5: '5.0' }[server.protocol]}: ${limits}.`,
    ),
  );
  const { will } = options;
  const remedy = will?.retain && !server.retainAvailable ? 154 : (will?.qos ?? 0) > server.maximumQoS ? 155 : 0;
  if (remedy > 0) {
    const detail = 'It was left out here, and the server would refuse the connection over it: see its limits.';
    found.push(finding('options', 'error', 'The server does not take this will', detail, REMEDIES[remedy]));
  }
  const other = identifier === undefined ? undefined : await thrownOut(first);
  if (other) {
    return [...found, other];
  }
  try {
    const took = await first.ping({ timeout: PATIENCE });
    found.push(finding('round-trip', 'info', `${took} ms to the server and back`, 'From PINGREQ to PINGRESP.'));
  } catch {
    found.push(
      finding(
        'round-trip',
        'warning',
        'PINGREQ is not answered',
        `Within ${PATIENCE} ms there was no PINGRESP, or the connection was closed.`,
        'The server, or a proxy, does not hold to MQTT: connections will be lost after the keep-alive',
      ),
    );
  }
  await first.close();

  for (const filter of tried.subscribe) {
    found.push(...(await trySubscription(make, plain, filter)));
  }
  for (const topic of tried.publish) {
    found.push(...(await tryPublish(make, plain, topic)));
  }
  if (tried.idle > 0) {
    found.push(await trySilence(make, plain, tried.idle));
  }
  return found;
}

/** The same without what would be left at the server, or goes on here. */
function withoutTraces(options: ConnectOptions): ConnectOptions {
  const {
    will: _will,
    session: _session,
    share: _share,
    clientId: _clientId,
    sessionExpiry: _expiry,
    cleanStart: _clean,
    closeOnPagehide: _closes,
    worker: _worker,
    ...rest
  } = options;
  return { ...rest, reconnect: false, connectTimeout: Math.min(rest.connectTimeout ?? PATIENCE, PATIENCE) };
}

/** Codes of errors that are no matter of the options. */
const OF_SERVER = /^(connect-timeout|connection-lost|protocol-error|hung-up)$/;

/** Why the first CONNECT came to nothing; `untried` is the identifier that was given, and left out. */
async function refused(
  make: Connect,
  options: ConnectOptions,
  error: MqttError,
  untried: string | undefined,
): Promise<Finding> {
  const { code, phase, reasonCode, close } = error;
  if (reasonCode === undefined && !OF_SERVER.test(code)) {
    return finding('options', 'error', 'With these options the client does not connect', `${code}: ${error.message}.`);
  }
  if (phase === 'opening') {
    return finding(
      'nothing-listens',
      'error',
      'The WebSocket does not open',
      'What websocket.factory made has ended before it was open, or the server has gone in this moment.',
      'Try again; leave out websocket.factory to find out more',
    );
  }
  const other = untried
    ? ' A generated clientId was tried in place of the one given: tryClientId: true tries that.'
    : '';
  const asked = options.protocol ?? 'auto';
  if (asked !== 'auto' && (reasonCode === 0x84 || reasonCode === undefined || code === 'protocol-error')) {
    for (const protocol of ([5, 4, 3] as const).filter((version) => version !== asked)) {
      const other = make({ ...options, protocol });
      try {
        await other.ready;
        await other.close();
        const names = { 3: '3.1', 4: '3.1.1', 5: '5.0' };
        return finding(
          'version-not-spoken',
          'error',
          `The server does not speak MQTT ${names[asked]}`,
          `It takes a connection of ${names[protocol]}.`,
          `Use protocol: ${protocol}, or leave it out`,
        );
      } catch {
        // It is something else.
      }
    }
  }
  if (code === 'protocol-error') {
    return finding(
      'no-mqtt',
      'error',
      'What answers does not speak MQTT',
      `The WebSocket was open, and the answer to CONNECT is none that MQTT allows: ${error.message}.`,
      "Check the port and the path: this is another service's WebSocket",
    );
  }
  if (reasonCode !== undefined) {
    const name = reasonName(reasonCode) || 'unknown';
    const detail = `CONNACK with reason code 0x${reasonCode.toString(16).padStart(2, '0')}, ${name}.${other}`;
    const title = `The server refuses the connection: ${name}`;
    return finding('refused', 'error', title, detail, REMEDIES[reasonCode] ?? REMEDIES[128]);
  }
  if (code === 'connect-timeout') {
    return finding(
      'no-connack',
      'error',
      'The WebSocket opens, and nothing answers CONNECT',
      `Within ${options.connectTimeout} ms there was no CONNACK.`,
      'What listens there may be no MQTT broker, or a proxy that does not pass on binary messages',
    );
  }
  const how = close ? `with close code ${close.code}` : `(${code})`;
  return finding(
    'closed-before-connack',
    'error',
    'The server closes the connection before it says CONNACK',
    `The WebSocket was open, and ended ${how}. The reason is not said: likely are a client that the server does not let in, a version that it does not speak, or no MQTT at that path.${other}`,
    'Check the credentials and the path; the log of the server says why',
  );
}

async function trySubscription(make: Connect, options: ConnectOptions, filter: string): Promise<Finding[]> {
  const client = make(options);
  try {
    await client.ready;
    await client.subscribe(filter, () => {}, { timeout: PATIENCE }).ready;
    return [finding('subscription', 'info', `It may subscribe to ${filter}`, 'The server granted it.')];
  } catch (thrown) {
    return [denied('subscription', `to subscribe to ${filter}`, thrown as MqttError)];
  } finally {
    await client.close();
  }
}

async function tryPublish(make: Connect, options: ConnectOptions, topic: string): Promise<Finding[]> {
  const client = make(options);
  try {
    await client.ready;
    await client.publish(topic, '', { qos: client.server?.maximumQoS === 0 ? 0 : 1, timeout: PATIENCE });
    await client.ping({ timeout: PATIENCE });
    return [finding('publish', 'info', `It may publish to ${topic}`, 'An empty message, not retained, was taken.')];
  } catch (thrown) {
    return [denied('publish', `to publish to ${topic}`, thrown as MqttError)];
  } finally {
    await client.close();
  }
}

function denied(code: 'subscription' | 'publish', what: string, error: MqttError): Finding {
  if (error.reasonCode !== undefined) {
    const detail = `Reason code 0x${error.reasonCode.toString(16).padStart(2, '0')}, ${reasonName(error.reasonCode)}.`;
    return finding(
      code,
      'error',
      `The server does not allow ${what}`,
      detail,
      'Change what the server allows this client, or the topic',
    );
  }
  if (error.code === 'timeout') {
    return finding(
      code,
      'error',
      `The server does not answer when asked ${what}`,
      `Within ${PATIENCE} ms.`,
      'The log of the server says why',
    );
  }
  return finding(
    code,
    'error',
    `The server closes the connection when asked ${what}`,
    `It says no reason${error.close ? ` (close code ${error.close.code})` : ''}: servers of 3.1.1 have no other way to refuse, and some services never do.`,
    'Change what the server allows this client, or the topic',
  );
}

/** Whether another client throws this one out, which it does by connecting again. */
async function thrownOut(client: Client): Promise<Finding | undefined> {
  const ended = await Promise.race([
    client.closed.then(
      () => undefined,
      (error: MqttError) => error,
    ),
    new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE)),
  ]);
  return ended && taken(ended.reasonCode === 0x8e);
}

function taken(said: boolean): Finding {
  return finding(
    'identifier-taken',
    'error',
    'Another client has this clientId',
    said
      ? 'The server says that the session was taken over (0x8E).'
      : 'The connection was closed soon after it was made, which is what a server does when another client connects with the same clientId.',
    'Give each client a clientId of its own, or leave it out',
  );
}

/** How long a connection lives on which nothing is sent. */
async function trySilence(make: Connect, options: ConnectOptions, milliseconds: number): Promise<Finding> {
  const client = make({ ...options, keepAlive: 0 });
  try {
    const { keepAlive } = await client.ready;
    if (keepAlive > 0 && keepAlive * 1000 <= milliseconds) {
      const detail = 'It says so in CONNACK, and the client holds to it: no silence of a connection is longer.';
      return finding('idle', 'info', `The server asks for a keep-alive of ${keepAlive} s`, detail);
    }
    const begin = performance.now();
    const lived = await Promise.race([
      client.closed.then(
        () => undefined,
        () => performance.now() - begin,
      ),
      new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds)),
    ]);
    if (lived === undefined) {
      return finding(
        'idle',
        'info',
        `Silence of ${milliseconds} ms is borne`,
        'Nothing was sent, and the connection lived.',
      );
    }
    const seconds = Math.round(lived / 100) / 10;
    return finding(
      'idle-timeout',
      'warning',
      `A silent connection is closed after ${seconds} s`,
      'A proxy before the server, or the server itself, ends what is idle.',
      `Use a keepAlive of at most ${Math.max(1, Math.floor((lived / 1000) * 0.8))} s, or raise the idle time-out of the proxy`,
    );
  } catch {
    return finding('idle', 'warning', 'Silence could not be tried', 'The second connection was not made.', 'Try again');
  } finally {
    await client.close();
  }
}
