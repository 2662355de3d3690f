/** The table of what works where, in Markdown, and its place in the guide. It does not know how it is found out. */

export const GUIDE = 'docs/bundlers.md';

const BEGIN = '<!-- consumers: npm run consumers -- --write -->';
const END = '<!-- consumers end -->';

/** @typedef {{ consumer: string, mode: string, ok: boolean }} Result */

/** @param {readonly string[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;

/** What a row begins with. @param {string} tool @param {Record<string, string>} packages the first is the tool */
export function nameOf(tool, packages) {
  const [version = ''] = Object.values(packages);
  const number = version.slice(version.lastIndexOf('@') + 1);
  return `${/ \d+$/.test(tool) ? tool.replace(/ \d+$/, '') : tool} ${number}`;
}

/**
 * A row for each consumer.
 *
 * @param {readonly Result[]} results
 * @param {readonly string[]} modes
 * @param {Record<string, Record<string, string>>} tools
 */
export function rowsOf(results, modes, tools) {
  return [...new Set(results.map(({ consumer }) => consumer))].map((consumer) => {
    const [tool = '', ...rest] = consumer.split(', ');
    const cells = modes.map((mode) => {
      const result = results.find((one) => one.consumer === consumer && one.mode === mode);
      return result ? (result.ok ? 'yes' : '**no**') : '–';
    });
    return line([nameOf(tool, tools[tool] ?? {}), rest.join(', '), ...cells]);
  });
}

/** @param {readonly string[]} rows @param {readonly string[]} modes */
export function tableOf(rows, modes) {
  const head = ['tool', 'project and entry', ...modes];
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows].join('\n');
}

/** The rows that the guide has. @param {string} guide */
export function written(guide) {
  const [begin, end] = [guide.indexOf(BEGIN), guide.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`${GUIDE} has no place for the table`);
  }
  const [, , ...rows] = guide
    .slice(begin, end)
    .split('\n')
    .filter((text) => text.startsWith('|'));
  return rows;
}

/**
 * The guide with these rows in place of those of the same tools.
 *
 * @param {string} guide
 * @param {readonly string[]} rows
 * @param {readonly string[]} modes
 * @param {Record<string, Record<string, string>>} tools
 */
export function withRows(guide, rows, modes, tools) {
  const toolOf = (/** @type {string} */ row) => row.split(' | ')[0];
  const made = rows.map(toolOf);
  const all = [...written(guide).filter((row) => !made.includes(toolOf(row))), ...rows];
  const sorted = Object.entries(tools).flatMap(([tool, packages]) =>
    all.filter((row) => toolOf(row) === `| ${nameOf(tool, packages)}`),
  );
  const [before, after] = [guide.slice(0, guide.indexOf(BEGIN) + BEGIN.length), guide.slice(guide.indexOf(END))];
  return `${before}\n\n${tableOf(sorted, modes)}\n\n${after}`;
}
