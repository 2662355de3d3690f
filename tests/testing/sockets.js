/**
 * What a page sees of a WebSocket, step by step, as plain data. The server answers binary messages by themselves, and
 * closes or breaks the line at a word. It does not know which WebSocket it is.
 */

/** What that says, whatever the event's own class is. */
function shown(event) {
  const { type, code, reason, wasClean, data } = event;
  switch (type) {
    case 'close':
      return { type, code, reason, wasClean };
    case 'message':
      return { type, kind: Object.prototype.toString.call(data), bytes: data.byteLength ?? data.size };
    default:
      return { type };
  }
}

function watched(socket) {
  const log = [];
  for (const type of ['open', 'message', 'error', 'close']) {
    socket.addEventListener(type, (event) =>
      log.push({ ...shown(event), readyState: socket.readyState, same: event.target === socket }),
    );
  }
  return log;
}

const next = (socket, type) => new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

const thrown = (run) => {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return [error.name, error instanceof DOMException];
  }
};

/**
 * The other end, which does that to the socket.
 *
 * @typedef {{ message: (socket: WebSocket, bytes: Uint8Array) => void, close: (socket: WebSocket) => void, cut: (socket: WebSocket) => void, nobody?: string }} Server
 */

/** @type {Record<string, (Socket: typeof WebSocket, url: string, server: Server) => Promise<unknown>>} */
export const SOCKETS = {
  async 'the class and its members'(Socket, url) {
    const socket = new Socket(url);
    const names = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];
    const members = [
      'binaryType',
      'bufferedAmount',
      'extensions',
      'protocol',
      'readyState',
      'onopen',
      'onmessage',
      'onclose',
      'onerror',
    ];
    const state = members.map((name) => socket[name]);
    socket.binaryType = 'nonsense';
    const kept = socket.binaryType;
    socket.binaryType = 'arraybuffer';
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    return [
      Socket.name,
      names.map((name) => [Socket[name], socket[name]]),
      ...[state, kept, socket.binaryType, socket instanceof EventTarget],
    ];
  },

  async 'addresses and subprotocols'(Socket, url) {
    const refused = [
      () => new Socket('nonsense:'),
      () => new Socket('ftp://a.test/'),
      () => new Socket(`${url}#fragment`),
      () => new Socket('http://'),
      () => new Socket(url, ['a', 'a']),
      () => new Socket(url, 'a b'),
      () => new Socket(url, ''),
    ].map(thrown);
    const made = [new Socket(url, ['mqtt']), new Socket(url.replace('ws:', 'http:'), 'mqtt'), new Socket('/relative')];
    const urls = made.map((socket) => socket.url.replace(location.host, 'host'));
    for (const socket of made) {
      socket.onerror = () => {};
      socket.close();
    }
    return [refused, urls[0] === url, urls[1] === url, urls[2]];
  },

  async 'opening, sending and closing'(Socket, url) {
    const socket = new Socket(url, ['other', 'mqtt']);
    const log = watched(socket);
    const early = thrown(() => socket.send('x'));
    await next(socket, 'open');
    const { protocol } = socket;
    socket.binaryType = 'arraybuffer';
    socket.send(Uint8Array.of(0x10, 2));
    const { bufferedAmount } = socket;
    const closed = next(socket, 'close');
    const wrong = [() => socket.close(1001), () => socket.close(5000), () => socket.close(1000, 'x'.repeat(124))].map(
      thrown,
    );
    socket.close(3001, 'because');
    const closing = socket.readyState;
    socket.close();
    const late = thrown(() => socket.send('four'));
    const grown = socket.bufferedAmount >= 4;
    await closed;
    return {
      log: log.filter(({ type }) => type !== 'message'),
      early,
      protocol,
      bufferedAmount,
      wrong,
      closing,
      late,
      grown,
    };
  },

  async 'closing without a code'(Socket, url) {
    const socket = new Socket(url, 'mqtt');
    const log = watched(socket);
    await next(socket, 'open');
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    return log;
  },

  async 'closing before it is open'(Socket, url) {
    const socket = new Socket(url, 'mqtt');
    const log = watched(socket);
    const closed = next(socket, 'close');
    socket.close();
    const { readyState } = socket;
    await closed;
    return { log, readyState };
  },

  async 'handlers as properties, among listeners'(Socket, url) {
    const socket = new Socket(url, 'mqtt');
    const order = [];
    socket.addEventListener('open', () => order.push('first'));
    socket.onopen = () => order.push('never');
    socket.addEventListener('open', () => order.push('third'));
    socket.onopen = function () {
      order.push(['second', this === socket]);
    };
    const kept = typeof socket.onopen;
    socket.onmessage = 'no function';
    await next(socket, 'open');
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    return [order, kept, socket.onmessage];
  },

  async 'messages as buffers and as blobs'(Socket, url, server) {
    const socket = new Socket(url, 'mqtt');
    const log = watched(socket);
    await next(socket, 'open');
    for (const kind of ['blob', 'arraybuffer']) {
      socket.binaryType = kind;
      const come = next(socket, 'message');
      server.message(socket, Uint8Array.of(0xd0, 0));
      const { data, origin } = await come;
      const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
      log.push([...new Uint8Array(bytes)], origin === new URL(socket.url).origin);
    }
    const closed = next(socket, 'close');
    socket.close(1000);
    server.message(socket, Uint8Array.of(0xd0, 0));
    await closed;
    return log;
  },

  async 'a server that closes'(Socket, url, server) {
    const socket = new Socket(url, 'mqtt');
    const log = watched(socket);
    await next(socket, 'open');
    const closed = next(socket, 'close');
    server.close(socket);
    await closed;
    return log;
  },

  async 'a line that breaks'(Socket, url, server) {
    const socket = new Socket(url, 'mqtt');
    const log = watched(socket);
    await next(socket, 'open');
    const closed = next(socket, 'close');
    server.cut(socket);
    await closed;
    return log;
  },

  async 'a server that is not there'(Socket, _, server) {
    const socket = new Socket(server.nobody ?? 'ws://127.0.0.1:9/', 'mqtt');
    const log = watched(socket);
    await next(socket, 'close');
    return log;
  },

  async 'bytes, buffers and blobs are sent in their order'(Socket, url) {
    const socket = new Socket(url, 'mqtt');
    await next(socket, 'open');
    const amounts = [];
    for (const data of [
      Uint8Array.of(0x10),
      Uint8Array.of(4, 0),
      new Blob([Uint8Array.of(4)]),
      Uint8Array.of(0x4d).buffer,
    ]) {
      socket.send(data);
      amounts.push(socket.bufferedAmount);
    }
    const closed = next(socket, 'close');
    socket.close();
    const { code } = await closed;
    return [amounts, code, socket.bufferedAmount];
  },
};
