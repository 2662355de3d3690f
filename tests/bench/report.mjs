/** The figures as tables. It does not know how they were measured. */

import { ROWS, UNITS } from './rows.mjs';

/** @typedef {import('./measure.mjs').Results} Results */

/** Who differs only in how it is loaded is in that table alone. */
const LOADED_OTHERWISE = ['wasmqtt-one-file', 'wasmqtt-unbundled'];

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1, middle + 1);
  return (low + high) / 2;
}

/**
 * @param {Results} results
 * @returns {string} Markdown
 */
export function report(results) {
  const shown = results.contestants.filter(({ name }) => !LOADED_OTHERWISE.includes(name));
  const parts = [table(['', ...shown.map(({ title }) => title)], mainRows(results, shown))];
  const frames = framesRows(results, shown);
  if (frames.length > 0) {
    parts.push(`WebSocket frames sent a packet:\n\n${table(['', ...shown.map(({ title }) => title)], frames)}`);
  }
  if (results.rows.load) {
    parts.push(`What is loaded:\n\n${loading(results)}`);
  }
  if (results.steady.length > 0) {
    parts.push(`200 messages a second in each direction:\n\n${steadyTable(results)}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/**
 * The page of the documentation.
 *
 * @param {Results} results
 * @param {number} reps
 */
export function page(results, reps) {
  return [
    '# Benchmark',
    '',
    'Written by `npm run bench -- --markdown FILE`: the package beside other clients and beside a bare WebSocket, each in a',
    'fresh page of one browser, interleaved. Where nothing else is said a figure is how often it takes what the bare',
    'WebSocket takes, of the CPU time of the main thread a message; medians. The floor is the least that a client would',
    'have to do in JavaScript.',
    '',
    'With 3.1.1 this client has no more than 20 exchanges of QoS 2 open at once, since mosquitto takes no more: it waits where the',
    'others do not. In 5.0 the server says how many.',
    '',
    `${results.browser}, ${results.broker}, ${reps} repetitions.`,
    '',
    report(results),
  ].join('\n');
}

/**
 * @param {Results} results
 * @param {Results['contestants']} shown
 */
function mainRows(results, shown) {
  return ROWS.filter(({ name }) => results.rows[name]).map((row) => {
    const figures = results.rows[row.name] ?? {};
    const base = figures.raw?.[row.shown];
    const relative = row.ratio && base !== undefined;
    const cells = shown.map(({ name }) => {
      const values = figures[name]?.[row.shown];
      if (values === undefined) {
        return '–';
      }
      if (relative && name === 'raw') {
        return `${number(median(values))} µs`;
      }
      return number(relative ? median(values) / median(base) : median(values));
    });
    return [row.title, ...cells];
  });
}

/**
 * @param {Results} results
 * @param {Results['contestants']} shown
 */
function framesRows(results, shown) {
  return ROWS.filter(({ name }) => Object.values(results.rows[name] ?? {}).some(({ frames }) => frames)).map((row) => [
    row.title,
    ...shown.map(({ name }) => {
      const frames = results.rows[row.name]?.[name]?.frames;
      return frames ? number(median(frames)) : '–';
    }),
  ]);
}

/** @param {Results} results */
function loading({ contestants, rows }) {
  const kilobytes = (/** @type {number} */ bytes) => number(bytes / 1000);
  return table(
    ['', 'kB raw', 'gzip', 'brotli', 'CPU ms', 'ms to CONNACK', 'heap kB', 'linear memory kB'],
    contestants.map(({ name, title, weight }) => {
      const figure = (/** @type {string} */ key) => median(rows.load?.[name]?.[key] ?? []);
      return [
        title,
        kilobytes(weight.raw),
        kilobytes(weight.gzip),
        kilobytes(weight.brotli),
        number(figure('load')),
        number(figure('ready')),
        kilobytes(figure('loadedHeap')),
        kilobytes(figure('loadedLinear')),
      ];
    }),
  );
}

/** @param {Results} results */
function steadyTable({ contestants, steady }) {
  const change = (/** @type {number} */ before, /** @type {number} */ after) =>
    `${number(before / 1000)} → ${number(after / 1000)}`;
  return table(
    ['', 'messages', UNITS.cpu ?? '', 'heap kB', 'linear memory kB'],
    steady.map((row) => [
      contestants.find(({ name }) => name === row.contestant)?.title ?? row.contestant,
      String(row.messages),
      number(row.cpu),
      change(row.heapBefore, row.heapAfter),
      change(row.linearBefore, row.linearAfter),
    ]),
  );
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Three digits that count. @param {number} value */
function number(value) {
  if (Number.isNaN(value)) {
    return '–';
  }
  return Math.abs(value) >= 100 ? String(Math.round(value)) : value.toPrecision(Math.abs(value) >= 1 ? 3 : 2);
}
