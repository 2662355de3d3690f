/**
 * Where there is no page: programs for Node, Deno and Bun. It does not know the tests.
 */

import { answer } from '../package/application.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} tool
 * @property {string[]} command the first word is in `node_modules`
 * @property {boolean} [socket] whether it has no WebSocket of its own, so that `ws` makes them
 * @property {boolean} workers whether it has those of the web, and takes classic scripts for them
 * @property {boolean} slim whether its `fetch` reads files, so that `wasmqtt/slim` finds its WebAssembly
 */

/** @type {Runtime[]} */
export const RUNTIMES = [
  { tool: 'Node 20', command: ['node/bin/node'], socket: true, workers: false, slim: false },
  { tool: 'Node 22', command: ['node/bin/node'], workers: false, slim: false },
  { tool: 'Node 24', command: ['node/bin/node'], workers: false, slim: false },
  { tool: 'Deno', command: ['.bin/deno', 'run', '--allow-net', '--allow-read'], workers: false, slim: true },
  { tool: 'Bun', command: ['.bin/bun', 'run'], workers: true, slim: true },
];

/** A program that takes its options from the command line, and prints what becomes of it. @param {Runtime} runtime @param {string} specifier */
export const program = ({ socket }, specifier) => `import { connect } from '${specifier}';
${socket ? "import { WebSocket } from 'ws';\nconst websocket = { factory: (url, protocols) => new WebSocket(url, protocols) };" : ''}
const [url, options] = JSON.parse(${'globalThis.Deno ? Deno.args[0] : process.argv[2]'});
await answer(connect, [url, { ...options${socket ? ', websocket' : ''} }], () => console.log('ready'), (place) => console.log(place))
  .catch((error) => console.log([error.code, error.message, error.cause?.message].join(': ')));
${answer}
`;
