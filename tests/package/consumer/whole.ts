/** The whole API as a stranger's strict TypeScript uses it. It is compiled and never run. */

import {
  type AckOptions,
  type Authentication,
  type AuthenticationAnswer,
  type Client,
  type ClientEvent,
  type ClientListener,
  type CloseInfo,
  type CloseOptions,
  type ConnectOptions,
  type Credentials,
  connect,
  type Message,
  type MessageHandler,
  MqttError,
  type MqttErrorCode,
  type MqttErrorDetails,
  type MqttPhase,
  type Payload,
  type PublishOptions,
  type PublishResult,
  type QueueOptions,
  type ReconnectOptions,
  type Reply,
  type RequestHandler,
  type RequestManyOptions,
  type RequestOptions,
  type Responder,
  type RespondOptions,
  type ServerInfo,
  type State,
  type Stats,
  type SubscribeOptions,
  type SubscribeResult,
  type Subscription,
  type UnsubscribeOptions,
  type UnsubscribeResult,
  type UserProperties,
  type WaitOptions,
  type WebSocketOptions,
  type Will,
} from 'wasmqtt';
import {
  type Codec,
  json,
  last,
  PayloadError,
  type PayloadIssue,
  type StandardSchema,
  type Store,
  sampled,
  text,
  typed,
} from 'wasmqtt/payloads';
import { connect as slim } from 'wasmqtt/slim';
import { fill, filterOf, join, matches, params, template } from 'wasmqtt/topics';

const authentication: Authentication = {
  method: 'SCRAM-SHA-256',
  start: ({ again, signal }) => ({
    data: again ? 'again' : 'first',
    expiresAt: signal.aborted ? undefined : new Date(),
  }),
  challenge: async (data: Uint8Array) => data.slice(),
  success: (data) => data.length,
};

const client: Client = connect(new URL('wss://broker.example/mqtt'), {
  protocol: 5,
  will: { topic: 'gone', payload: new Uint8Array(3), qos: 1, userProperties: [['a', 'b']] },
  auth: async ({ attempt, reason, signal }) => ({
    username: `${attempt}${reason}`,
    password: String(signal.aborted),
    expiresAt: Date.now() + 1000,
  }),
  reconnect: { max: 1000, jitter: 'none' },
  websocket: { factory: (url, protocols) => new WebSocket(url, protocols) },
});
connect(['ws://a', new URL('ws://b')], { authentication, reconnect: false, signal: new AbortController().signal });

// Events.
const off: () => void = client.on('disconnect', ({ error, retryIn }) => console.log(error.code, retryIn));
client.on('state', ({ state, previous }) => [state, previous] satisfies State[]);
client.on('connect', (server: ServerInfo) => server.keepAlive, { once: true });
client.on('close', ({ error }) => error?.close satisfies CloseInfo | undefined);
client.addEventListener('message', (event: ClientEvent<'message'>) => console.log(event.detail.topic.length));
const listener: ClientListener<'error'> = { handleEvent: ({ detail }) => console.log(detail.message) };
client.addEventListener('error', listener);
client.removeEventListener('error', listener);

// Publish and subscribe.
const payloads: Payload[] = [
  'text',
  new ArrayBuffer(1),
  new Float32Array(1),
  new DataView(new ArrayBuffer(1)),
  new Blob(),
];
const results: PublishResult[] = await Promise.all(
  payloads.map((payload) =>
    client.publish('a', payload, { qos: 1, retain: true, expiry: 5, contentType: 'text/plain' }),
  ),
);
const ack: AckOptions = { reasonCode: 0x83, reasonString: 'no' };
const handler: MessageHandler = (message) => message.ack(ack);
const subscription: Subscription = client.subscribe('a/#', handler, { qos: 2, ack: 'manual' });
client.subscribe('b/#', (message: Message) => message.json<{ x: number }>().x);
client.subscribe('d/#', handler, { sample: 100, latest: true });
client.subscribe(
  template('devices/:id/files/:path*'),
  (message, { id, path }) => `${message.topic}${id.length}${path}`,
);
// @ts-expect-error the template has no such name
client.subscribe(template('devices/:id'), (_message, { name }) => name);
// @ts-expect-error two colons are one, and no name
client.subscribe(template('::id/:a'), (_message, { id }) => id);
// @ts-expect-error text has no names
client.subscribe('devices/:id', (_message, { id }) => id);
for await (const message of client.subscribe(template('devices/:id'))) message.topic satisfies string;
new MqttError('closed', 'no').url satisfies string;
client.subscribe('c/#', undefined, { buffer: { max: 5, overflow: 'drop-newest' } });
const { qos, userProperties }: SubscribeResult = await subscription.ready;
for await (const message of client.subscribe('d', { noLocal: true, retainHandling: 2 })) {
  const bytes: Uint8Array = message.payload;
  const pairs: UserProperties = message.properties.userProperties;
  console.log(bytes.length, pairs.length, message.text(), qos satisfies 0 | 1 | 2, userProperties[0]?.[1].length);
}
const reader = subscription[Symbol.asyncIterator]();
const { done, value } = await reader.next();
const topic: string | undefined = done ? value : value.topic;
await reader.return();
const gone: UnsubscribeResult = await subscription.unsubscribe({ timeout: 5 });
console.log(topic, gone.reasonCode, subscription.filter, subscription.dropped, results[0]?.reasonString);

// Requests and replies.
const answer: RequestHandler = async (request) =>
  request.retain ? undefined : { payload: request.text(), qos: 1, contentType: 'text/plain' };
const responder: Responder = client.respond('lamps/+', answer, { qos: 1, noLocal: true });
client.respond('text', () => 'text');
await responder.ready;
const reply: Message = await client.request('lamps/1', '', { timeout: 5, qos: 2, userProperties: [['a', 'b']] });
for await (const one of client.requestMany('lamps/all', reply.payload, { max: 3 })) {
  console.log(one.topic);
}
await responder.stop();

// Everything else.
const server: ServerInfo = await client.ready;
const { roundTrip }: Stats = client.stats();
const wait: WaitOptions = { signal: AbortSignal.timeout(5), timeout: 5 };
const trip: number = await client.ping(wait);
await client.flush(wait);
await client.reauthenticate(wait);
console.log(server.maximumQoS, server.serverReference, client.server?.url, client.clientId, roundTrip, trip);
await client.close({ drain: 100, sendWill: true, reasonString: 'bye' });
await client.closed;

// Errors.
try {
  await client.publish('a', '');
} catch (error) {
  if (error instanceof MqttError) {
    const code: MqttErrorCode = error.code;
    const phase: MqttPhase = error.phase;
    console.log(code, phase, error.reasonCode, error.close?.wasClean, error.retryable, error.cause);
  }
  off();
}
export const made: MqttError = new MqttError('refused', 'no', { reasonCode: undefined, close: undefined });

// Options are often built of what may be undefined: each one that may be left out may be that.
const signal = [AbortSignal.timeout(5)].find(({ aborted }) => aborted);
const timeout = [5].find((number) => number > 5);
await client.publish('a', '', { signal, timeout, qos: undefined });
await client.subscribe('a', { signal, timeout, buffer: { max: timeout, overflow: undefined } }).ready;
await client.close({ signal, timeout });
export const others: Promise<void> = slim('ws://a', {
  will: { topic: 'a', payload: undefined },
  reconnect: undefined,
}).closed;

type Loose<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] };
type Same<T> = Loose<T> extends T ? true : never;
export const loose: readonly true[] = [
  true satisfies Same<AckOptions>,
  true satisfies Same<Authentication>,
  true satisfies Same<CloseOptions>,
  true satisfies Same<ConnectOptions>,
  true satisfies Same<Credentials>,
  true satisfies Same<Exclude<AuthenticationAnswer, string | ArrayBuffer | ArrayBufferView | undefined>>,
  true satisfies Same<MqttErrorDetails>,
  true satisfies Same<PublishOptions>,
  true satisfies Same<QueueOptions>,
  true satisfies Same<ReconnectOptions>,
  true satisfies Same<Exclude<Reply, Payload>>,
  true satisfies Same<RequestManyOptions>,
  true satisfies Same<RequestOptions>,
  true satisfies Same<RespondOptions>,
  true satisfies Same<SubscribeOptions>,
  true satisfies Same<Exclude<SubscribeOptions['buffer'], undefined>>,
  true satisfies Same<UnsubscribeOptions>,
  true satisfies Same<WaitOptions>,
  true satisfies Same<WebSocketOptions>,
  true satisfies Same<Will>,
];
// @ts-expect-error the rule has teeth
export const strict = true satisfies Same<{ readonly timeout?: number }>;

// @ts-expect-error an option that does not exist
connect('ws://x', { cleanSession: true });
// @ts-expect-error a QoS that does not exist
client.subscribe('a', { qos: 3 });
// @ts-expect-error an event that does not exist
client.on('message-lost', () => {});

const place: { id: string; path: string } | undefined = params('devices/:id/files/:path*', 'devices/7/files/a');
console.log(place?.id, fill('devices/:id/state', { id: 7 }), filterOf('a/:b'), matches('a/+', join('a', 1)));
// @ts-expect-error a name that the template does not have
console.log(params('devices/:id', 'devices/7')?.name);
// @ts-expect-error a name without a value
fill('devices/:id/state', {});

// Payloads.
declare const lamp: StandardSchema<{ on: boolean; level?: number }, { on: boolean; level: number }>;
const packed: Codec = { contentType: 'application/x', encode: () => new Uint8Array(), decode: (bytes) => bytes.length };
const lamps = typed(client, {
  schema: lamp,
  codec: [packed, json, text],
  onInvalid: (error, message) => error.issues satisfies readonly PayloadIssue[] as unknown as typeof message,
});
lamps.subscribe(template('lamps/:id'), ({ value, topic }, { id }) => `${topic}${id}${value.level.toFixed()}`, {
  qos: 1,
});
lamps.subscribe('lamps/#', ({ value }) => value.on satisfies boolean);
lamps.publish('lamps/1', { on: true }, { retain: true }).then(({ qos }) => qos);
// @ts-expect-error the schema takes no text
lamps.publish('lamps/1', 'on');
// @ts-expect-error the content type is the codec's
lamps.publish('lamps/1', { on: true }, { contentType: 'text/plain' });
for await (const { value } of lamps.subscribe('lamps/#')) value.level satisfies number;
const levels: Store<ReadonlyMap<string, { on: boolean; level: number }>> = lamps.last('lamps/#', { limit: 10 });
levels.subscribe((all) => all.get('lamps/1')?.on);
last(client, 'a', { read: (message) => message.text().length })
  .get()
  .get('a')
  ?.toFixed();
last(client, 'a').get().get('a')?.json();
const plain = typed<{ x: number }>(client);
plain.subscribe('x', ({ value }) => value.x.toFixed());
sampled(client, 100).publish('a', new Uint8Array(), { qos: 1 });
sampled(plain, 100).publish('a', { x: 1 });
// @ts-expect-error not what the typed client takes
sampled(plain, 100).publish('a', 1);
client.on('error', (error) => error instanceof PayloadError && error.topic);
client.on('error', (error) => error.code === 'invalid-payload' && error.url);
