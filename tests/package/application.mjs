/**
 * The application that uses the package, as text: for a page, a server and a worker; and what it asks of `connect`. It does not know
 * how it is built.
 */

/** What `connect` is asked for. */
export const MODES = {
  'in the page': {},
  'in a worker': { worker: true },
  'session stored': { session: { persist: 'indexeddb' } },
  shared: { share: true },
  'in a worker, session stored': { worker: true, session: { persist: 'indexeddb' } },
};

/**
 * A module of the application: answers what is published to `to-page`, and says so in `loaded` and in the title. Address and
 * options are in the hash.
 *
 * @param {string} specifier
 */
export const application = (specifier) => `import { connect } from '${specifier}';\n${answering}`;

/** Calls `ready` when it has subscribed, and `done` with the place of its connection when it has answered and is closed. */
export const answer = `
async function answer(connect, [url, options], ready, done) {
  const client = connect(url, options);
  const errors = [];
  client.addEventListener('error', ({ detail }) => errors.push(detail.code));
  await client.subscribe('to-page', async (message) => {
    await client.publish('from-page', message.text().toUpperCase(), { qos: 2 });
    const place = client.sharing?.place ?? 'alone';
    await client.close();
    done(errors.join() || place);
  }, { qos: 1 }).ready;
  ready();
}`;

/** The script of a page with `connect` in scope. */
export const answering = `${answer}
const given = JSON.parse(decodeURIComponent(location.hash.slice(1)));
answer(connect, given, () => { globalThis.loaded = true; }, (place) => { globalThis.place = place; });
`;

/**
 * A module for an application that is rendered on a server, too: `start` answers, once, and `rendered` says what there is to see.
 *
 * @param {string} specifier
 */
export const startable = (specifier) => `import { connect } from '${specifier}';
export const rendered = 'connect is a ' + typeof connect;
let started = false;
export function start() {
  if (started) return;
  started = true;${answering.replace(answer, '')}}
${answer}
`;

/**
 * The script of a worker of that kind, with `connect` in scope.
 *
 * @param {'Worker' | 'SharedWorker' | 'ServiceWorker'} kind
 */
export const answeringIn = (kind) =>
  kind === 'SharedWorker'
    ? `${answer}
onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) =>
    answer(connect, data, () => port.postMessage(0), (place) => port.postMessage(place))
      .catch((error) => port.postMessage([error.code, error.message, error.cause?.message].join(': ')));
};
`
    : `${answer}
onmessage = ({ data, source }) => {
  const to = source ?? self;
  answer(connect, data, () => to.postMessage(0), (place) => to.postMessage(place))
    .catch((error) => to.postMessage([error.code, error.message, error.cause?.message].join(': ')));
};
`;

/**
 * The script of a page that has such a worker answer in its place.
 *
 * @param {'Worker' | 'SharedWorker' | 'ServiceWorker'} kind
 * @param {string} src
 * @param {'module' | 'classic'} [type]
 */
export const hosting = (kind, src, type = 'module') => `
const hear = ({ data }) => {
  globalThis.loaded = true;
  if (data) globalThis.place = data;
};
const given = JSON.parse(decodeURIComponent(location.hash.slice(1)));
${
  kind === 'ServiceWorker'
    ? `navigator.serviceWorker.onmessage = hear;
await navigator.serviceWorker.register('${src}', { type: '${type}' });
(await navigator.serviceWorker.ready).active.postMessage(given);`
    : `const worker = new ${kind}('${src}', { type: '${type}' });
const port = worker.port ?? worker;
port.onmessage = hear;
port.postMessage(given);`
}
`;

/** @param {string} scripts */
export const html = (scripts) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<link rel="icon" href="data:,">${scripts}</html>`;

/** @param {string} src */
export const moduleScript = (src) => `<script type="module" src="${src}"></script>`;
