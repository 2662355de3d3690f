/**
 * What the code of a test has in the page besides the package. All of it is global there.
 * It does not know the brokers.
 */

/** The promise's error as plain data; an error itself when there is none. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    const { name, message, code, reasonCode, phase, retryable, close, stack } = error;
    return {
      name,
      message,
      code,
      reasonCode,
      phase,
      retryable,
      close,
      stack,
      ours: error instanceof wasmqtt.MqttError,
    };
  }
  throw new Error('it did not fail');
}

/** Resolves with the detail of the next such event. */
export function next(client, type, accept = () => true) {
  return new Promise((resolve) => {
    const off = client.on(type, (detail) => {
      if (accept(detail)) {
        off();
        resolve(detail);
      }
    });
  });
}

/** Resolves once the turns that were asked for so far have run: messages of channels come in the order they were posted. */
export function idle() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** What the client tells, as [type, what] from now on. */
export function diary(client) {
  const lines = [];
  client.on('state', ({ state }) => lines.push(['state', state]));
  client.on('connect', (server) => lines.push(['connect', server.sessionPresent]));
  client.on('disconnect', ({ error, willRetry }) => lines.push(['disconnect', error.code, willRetry]));
  client.on('error', (error) => lines.push(['error', error.code]));
  client.on('close', ({ error }) => lines.push(['close', error?.code ?? null]));
  return lines;
}

/**
 * What nobody took care of from now on, as codes: rejections and exceptions. `first` resolves with the first one that was
 * not told yet, `told` with all of them once each one so far has been told.
 */
export function uncaught() {
  const codes = [];
  const end = new Error('the end');
  let reached;
  let heard;
  const note = (event, error) => {
    event.preventDefault();
    // Firefox tells its driver all the same.
    globalThis.prevented ??= [];
    globalThis.prevented.push(String(error));
    if (error === end) {
      reached();
    } else {
      codes.push(error?.code ?? String(error));
      heard?.();
    }
  };
  addEventListener('unhandledrejection', (event) => note(event, event.reason));
  addEventListener('error', (event) => note(event, event.error));
  const first = async () => {
    while (codes.length === 0) {
      await new Promise((resolve) => {
        heard = resolve;
      });
    }
    return codes.shift();
  };
  const told = async () => {
    // What follows from rejections of this task is rejected in this task; events come in the order of the rejections.
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => {
      reached = resolve;
      Promise.reject(end);
    });
    return codes.splice(0);
  };
  return { first, told };
}

/** Subscribes and keeps what arrives; `holds` waits until that fulfils a condition. */
export function collect(client, filter, options) {
  const messages = [];
  const waiting = new Set();
  const subscription = client.subscribe(
    filter,
    (message) => {
      messages.push(message);
      for (const look of [...waiting]) {
        look();
      }
    },
    options,
  );
  const holds = (condition) =>
    new Promise((resolve) => {
      const look = () => {
        if (condition(messages)) {
          waiting.delete(look);
          resolve(messages);
        }
      };
      waiting.add(look);
      look();
    });
  return { messages, subscription, ready: subscription.ready, holds, count: (n) => holds((all) => all.length >= n) };
}

/** A message as data that survives the way to the test. */
export function plain(message) {
  const { topic, payload, qos, retain, duplicate, properties } = message;
  const { correlationData, ...rest } = properties;
  return {
    topic,
    payload: [...payload],
    text: message.text(),
    qos,
    retain,
    duplicate,
    properties: correlationData ? { ...rest, correlationData: [...correlationData] } : rest,
  };
}

/** Bytes that look the same nowhere; the test makes the same ones. */
export function pattern(length) {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Waits for what is true after some event, without a timer: those of hidden pages are slow. */
const awaited = new Set();

/** Resolves when that is true, which is looked at now and whenever `happened` is called. */
export function until(test) {
  return new Promise((resolve) => {
    const look = () => {
      if (test()) {
        awaited.delete(look);
        resolve();
      }
    };
    awaited.add(look);
    look();
  });
}

export function happened() {
  for (const look of [...awaited]) {
    look();
  }
}

/** `happened`, whenever the client tells something. */
export function followed(client) {
  for (const type of ['state', 'connect', 'disconnect', 'message', 'share', 'error', 'close']) {
    // After what else is done about it.
    client.on(type, () => idle().then(happened));
  }
  return client;
}

/** From now on the workers that the page makes are kept, in `workers`: no driver but Chromium's ends one. */
export function keepWorkers() {
  globalThis.workers = [];
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      workers.push(this);
    }
  };
}
