/** The table of the interoperation tests: a row for each feature, a column for each broker and version. */

const MARKS = { ok: 'ok', lacks: '–', deviates: 'dev', failed: 'FAILED' };

/**
 * @typedef {{ broker: string, protocol: string, feature: string, result: keyof typeof MARKS, why?: string }} Cell
 * @param {string} lines JSON, one a line
 */
export function rowsOf(lines) {
  const all = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const versions = new Map(all.filter((it) => it.version !== undefined).map((it) => [it.broker, it.version]));
  /** @type {Cell[]} */
  const cells = all.filter((it) => it.result !== undefined);
  const columns = [...new Set(cells.map((it) => `${it.broker} ${it.protocol}`))];
  const features = [...new Set(cells.map((it) => it.feature))];
  return { versions, cells, columns, features };
}

/** @param {ReturnType<typeof rowsOf>} rows */
function grid({ cells, columns, features }) {
  const mark = (/** @type {string} */ feature, /** @type {string} */ column) => {
    const cell = cells.find((it) => it.feature === feature && `${it.broker} ${it.protocol}` === column);
    return cell ? MARKS[cell.result] : '';
  };
  return features.map((feature) => [feature, ...columns.map((column) => mark(feature, column))]);
}

/** For the screen: brokers by number, as their names are long. @param {ReturnType<typeof rowsOf>} rows */
export function tableOf(rows) {
  const width = Math.max(...rows.features.map((it) => it.length), 8);
  const line = (/** @type {string[]} */ [first = '', ...rest]) =>
    `${first.padEnd(width)} ${rest.map((it) => it.padEnd(6)).join(' ')}`;
  const heads = rows.columns.map((_, at) => `[${at + 1}]`);
  const legend = rows.columns.map((column, at) => `[${at + 1}] ${column}`);
  return [line(['feature', ...heads]), ...grid(rows).map(line), '', ...legend, '', ...reasons(rows)].join('\n');
}

/** Why a cell is not `ok`. @param {ReturnType<typeof rowsOf>} rows */
function reasons({ cells }) {
  const lines = cells
    .filter((it) => it.result !== 'ok')
    .map((it) => `- ${it.broker} ${it.protocol}, ${it.feature} (${MARKS[it.result]}): ${it.why ?? ''}`);
  return [...new Set(lines)];
}

/** @param {ReturnType<typeof rowsOf>} rows */
export function pageOf(rows) {
  const row = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const brokers = [...rows.versions].filter(([, version]) => version !== '');
  return [
    '# Interoperation',
    '',
    'Written by `npm run interop`: the built package in Chromium against real brokers, with MQTT.js, Paho for Python,',
    'mosquitto_pub and mosquitto_sub as the other side. `ok`: as it should be. `–`: the broker does not have it.',
    '`dev`: the broker does it otherwise; what was seen is below. Empty: not in that version of MQTT. The column',
    '`scripted` is a server of the tests that does what no broker here does.',
    '',
    `Brokers: ${brokers.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    '',
    row(['feature', ...rows.columns]),
    row(['---', ...rows.columns.map(() => '---')]),
    ...grid(rows).map(row),
    '',
    ...reasons(rows),
    '',
  ].join('\n');
}
