/**
 * Paho's client: what is called, checked and traced, and whom it calls back. Its methods know their client without `this`, so
 * that they can be taken off it, and called through a proxy as frameworks make them. It does not know MQTT.
 */

import type { Message as Arrived } from '../index.js';
import { Connection } from './connection.js';
import {
  BUFFER_FULL,
  failure,
  INVALID_ARGUMENT,
  INVALID_STATE,
  INVALID_TYPE,
  reason,
  SUBSCRIBE_TIMEOUT,
  UNSUBSCRIBE_TIMEOUT,
  UNSUPPORTED,
  UNSUPPORTED_OPERATION,
} from './errors.js';
import { Message, received } from './message.js';
import { readAddress, readConnect, readFilters, readSubscribe, readUnsubscribe, topicOf } from './options.js';
import { Trace } from './trace.js';
import type {
  ConnectionOptions,
  OnConnectedHandler,
  OnConnectionLostHandler,
  OnMessageHandler,
  Qos,
  SubscribeOptions,
  TraceFunction,
  TypedArray,
  UnsubscribeOptions,
} from './types.js';

interface Callbacks {
  onConnected?: OnConnectedHandler;
  onConnectionLost?: OnConnectionLostHandler;
  onMessageDelivered?: OnMessageHandler;
  onMessageArrived?: OnMessageHandler;
}

/** What an answer may be waited for with. */
type Waiting = Pick<UnsubscribeOptions, 'timeout' | 'onFailure' | 'invocationContext'>;

interface Send {
  (message: Message): void;
  (topic: string, payload: string | ArrayBuffer | TypedArray, qos?: Qos, retained?: boolean): void;
}

/** A client as Paho has it. It connects when it is told to, as often as it is told to. */
export class Client {
  declare readonly host: string;
  declare readonly port: number;
  declare readonly path: string;
  declare readonly uri: string;
  declare readonly clientId: string;
  /** Called with every CONNACK that accepts, after `onSuccess`; true for one of `reconnect`. */
  declare onConnected: OnConnectedHandler;
  /** Called when a connection ends: by `disconnect` with code 0. */
  declare onConnectionLost: OnConnectionLostHandler;
  /** Called when a message was handed to the socket (QoS 0), or the server has taken it over. */
  declare onMessageDelivered: OnMessageHandler;
  /** Called with each message. What it throws is reported, and changes nothing. */
  declare onMessageArrived: OnMessageHandler;
  /** Called with each line of the trace. */
  declare trace?: TraceFunction | undefined;
  /** `send` is allowed while `reconnect` is at work. Default: false. */
  declare disconnectedPublishing: boolean;
  /** As many messages may then wait. Default: 5000. */
  declare disconnectedBufferSize: number;

  /** Begins to connect. Throws AMQJS0011E where it is connected or connecting, and for options that are wrong. */
  declare readonly connect: (options?: ConnectionOptions) => void;
  /** Sends DISCONNECT behind all that was sent. Throws AMQJS0011E where it is neither connected nor connecting. */
  declare readonly disconnect: () => void;
  declare readonly isConnected: () => boolean;
  /** Throws AMQJS0011E without a connection. */
  declare readonly subscribe: (filter: string | readonly string[], options?: SubscribeOptions) => void;
  /** Throws AMQJS0011E without a connection. */
  declare readonly unsubscribe: (filter: string | readonly string[], options?: UnsubscribeOptions) => void;
  /** Throws AMQJS0011E without a connection, unless `disconnectedPublishing` says otherwise. */
  declare readonly send: Send;
  /** The same as `send`. */
  declare readonly publish: Send;
  /** The last hundred lines, where `startTrace` was called. */
  // biome-ignore lint/suspicious/noExplicitAny: as in `@types/paho-mqtt`.
  declare readonly getTraceLog: () => any[];
  declare readonly startTrace: () => void;
  declare readonly stopTrace: () => void;

  constructor(host: string, port: number, path: string, clientId: string);
  constructor(host: string, port: number, clientId: string);
  constructor(hostUri: string, clientId: string);
  constructor(...given: readonly unknown[]) {
    const [host, port] = given;
    const whole = given.length === 2;
    const clientId = whole ? port : given[given.length > 3 ? 3 : 2];
    const address = readAddress(host, port, given.length > 3 ? given[2] : '/mqtt', whole);
    if (typeof clientId !== 'string' || new TextEncoder().encode(clientId).length > 65_535) {
      throw failure(INVALID_ARGUMENT, clientId, 'clientId');
    }
    if (typeof WebSocket === 'undefined') {
      throw failure(UNSUPPORTED, 'WebSocket');
    }

    const session = `paho ${address.host}:${address.port}${address.path} ${clientId}`;
    const callbacks: Callbacks = {};
    const trace = new Trace();
    const buffering = { disconnectedPublishing: false, disconnectedBufferSize: 5000 };
    let connection: Connection | undefined;
    /** Not delivered yet, of all connections, and how many. */
    const sent = new Map<string, Message>();
    let waiting = 0;
    /** Of this client's words for its messages, in this page. */
    const life = Math.random().toString(36).slice(2);
    let last = 0;

    const call = <T extends readonly unknown[]>(callback: ((...values: T) => void) | undefined, ...values: T): void => {
      try {
        callback?.(...values);
      } catch (thrown) {
        (globalThis.reportError ?? console.error)(thrown);
      }
    };

    const connected = (): Connection => {
      if (connection?.state !== 'connected') {
        throw failure(INVALID_STATE, 'not connected');
      }
      return connection;
    };

    const begin = (options: ConnectionOptions): void => {
      const { invocationContext, onSuccess, onFailure } = options;
      const plan = readConnect(options, address);
      if (connection?.state === 'connecting' || connection?.state === 'connected') {
        throw failure(INVALID_STATE, 'already connected');
      }
      trace.add('Client.connect', { ...plan, userName: undefined, password: undefined, will: undefined });
      connection?.abandon();
      connection = new Connection(plan, clientId, session, {
        connected: (again, uri) => {
          trace.add('connected', uri);
          call(onSuccess, { invocationContext });
          call(callbacks.onConnected, again, uri);
        },
        failed: (why) => {
          trace.add('failed', why.errorMessage);
          call(onFailure, { invocationContext, ...why });
        },
        lost: (why, reconnect, uri) => {
          trace.add('lost', why.errorMessage);
          call(callbacks.onConnectionLost, { ...why, reconnect, uri });
        },
        arrived: (arrived: Arrived) => {
          const { topic, payload, qos, retain, duplicate } = arrived;
          trace.add('arrived', topic, payload.length, qos);
          call(callbacks.onMessageArrived, received(topic, payload, qos, retain, duplicate));
        },
        delivered: (id, topic, qos) => {
          const message = sent.get(id ?? '') ?? received(topic, new Uint8Array(), qos, false, true);
          sent.delete(id ?? '');
          call(callbacks.onMessageDelivered, message);
        },
        trace: (what, ...details) => trace.add(what, ...details),
      });
    };

    const transmit = (message: Message): void => {
      const topic = topicOf(message.destinationName);
      const through = connection;
      const buffers = through?.state === 'reconnecting' && buffering.disconnectedPublishing;
      if (!through || !(through.state === 'connected' || buffers)) {
        throw failure(INVALID_STATE, 'not connected');
      }
      if (buffers && waiting > buffering.disconnectedBufferSize) {
        throw failure(BUFFER_FULL, buffering.disconnectedBufferSize);
      }
      const { payloadBytes, qos, retained } = message;
      trace.add('Client.send', topic, payloadBytes.byteLength, qos, retained);
      const id = qos > 0 && through.stores ? `${life} ${++last}` : undefined;
      if (id !== undefined) {
        sent.set(id, message);
      }
      waiting++;
      const options = { qos, retain: retained, ...(id !== undefined && { id }) };
      through.publish(topic, payloadBytes, options).then(
        () => {
          waiting--;
          sent.delete(id ?? '');
          trace.add('delivered', topic);
          call(callbacks.onMessageDelivered, message);
        },
        (error) => {
          waiting--;
          trace.add('not delivered', topic, error.message);
          if (error.code !== 'closed') {
            sent.delete(id ?? '');
            (globalThis.reportError ?? console.error)(error);
          }
        },
      );
    };

    const send = (...values: readonly unknown[]): void => {
      const [topic, payload, qos, retained] = values;
      if (values.length === 0) {
        throw new Error('Invalid argument.length');
      }
      if (values.length === 1) {
        if (!(topic instanceof Message)) {
          throw new Error(`Invalid argument:${typeof topic}`);
        }
        if (topic.destinationName === undefined) {
          throw failure(INVALID_ARGUMENT, undefined, 'Message.destinationName');
        }
        transmit(topic);
        return;
      }
      const message = new Message(payload as string);
      message.destinationName = topic as string;
      if (values.length > 2) {
        message.qos = qos as Qos;
      }
      if (values.length > 3) {
        message.retained = retained as boolean;
      }
      transmit(message);
    };

    /** Calls one of the two back, and `onFailure` when it takes too long. */
    const answered = <T>(
      asked: Promise<T>,
      code: number,
      { timeout, onFailure, invocationContext }: Waiting,
      act: (answer: T) => void,
    ): void => {
      const timer =
        timeout && setTimeout(() => call(onFailure, { invocationContext, ...reason(code) }), timeout * 1000);
      asked.then(
        (answer) => {
          clearTimeout(timer);
          act(answer);
        },
        // The client has ended.
        () => clearTimeout(timer),
      );
    };

    const subscribe = (filter: unknown, options: SubscribeOptions = {}): void => {
      const filters = readFilters(filter);
      readSubscribe(options);
      const { qos = 0, invocationContext, onSuccess, onFailure } = options;
      trace.add('Client.subscribe', filters, qos);
      answered(connected().subscribe(filters, qos), SUBSCRIBE_TIMEOUT, options, (codes) => {
        trace.add('subscribed', filters, [...codes]);
        if ((codes[0] ?? 0) >= 0x80) {
          const errorMessage = `The server refused to subscribe: ${codes.join(', ')}`;
          call(onFailure, { invocationContext, errorCode: codes as unknown as number, errorMessage });
        } else {
          call(onSuccess, { invocationContext, grantedQos: codes as Qos & Uint8Array });
        }
      });
    };

    const unsubscribe = (filter: unknown, options: UnsubscribeOptions = {}): void => {
      const filters = readFilters(filter);
      readUnsubscribe(options);
      trace.add('Client.unsubscribe', filters);
      answered(connected().unsubscribe(filters), UNSUBSCRIBE_TIMEOUT, options, () => {
        trace.add('unsubscribed', filters);
        call(options.onSuccess, { invocationContext: options.invocationContext });
      });
    };

    const disconnect = (): void => {
      trace.add('Client.disconnect');
      if (!connection || connection.state === 'ended') {
        throw failure(INVALID_STATE, 'not connecting or connected');
      }
      connection.disconnect();
    };

    const fixed = (value: unknown): PropertyDescriptor => ({
      get: () => value,
      set: () => {
        throw failure(UNSUPPORTED_OPERATION);
      },
    });
    const callback = (name: keyof Callbacks): PropertyDescriptor => ({
      get: () => callbacks[name] ?? null,
      set: (given) => {
        callbacks[name] = calls(given, name) as never;
      },
    });
    const plain = (name: keyof typeof buffering): PropertyDescriptor => ({
      get: () => buffering[name],
      set: (given) => {
        buffering[name] = given as never;
      },
    });
    const methods = {
      connect: (options?: ConnectionOptions) => begin(options ?? {}),
      disconnect,
      isConnected: () => connection?.state === 'connected',
      subscribe: (filter: unknown, options?: SubscribeOptions) => subscribe(filter, options ?? {}),
      unsubscribe: (filter: unknown, options?: UnsubscribeOptions) => unsubscribe(filter, options ?? {}),
      send,
      publish: send,
      getTraceLog: () => trace.log(),
      startTrace: () => trace.start(),
      stopTrace: () => trace.stop(),
    };
    Object.assign(this, methods);
    Object.defineProperties(this, {
      host: fixed(address.host),
      port: fixed(address.port),
      path: fixed(address.path),
      uri: fixed(address.uri),
      clientId: fixed(clientId),
      onConnected: callback('onConnected'),
      onConnectionLost: callback('onConnectionLost'),
      onMessageDelivered: callback('onMessageDelivered'),
      onMessageArrived: callback('onMessageArrived'),
      trace: {
        get: () => trace.listener ?? null,
        set: (given) => {
          trace.listener = calls(given, 'onTrace') as TraceFunction;
        },
      },
      disconnectedPublishing: plain('disconnectedPublishing'),
      disconnectedBufferSize: plain('disconnectedBufferSize'),
    });
  }
}

function calls(given: unknown, name: string): unknown {
  if (typeof given !== 'function') {
    throw failure(INVALID_TYPE, typeof given, name);
  }
  return given;
}
