/** What the package weighs, as a page of the documentation. It does not know how that is measured. */

import { grouped } from './budget.mjs';

/** As many of a kind as are shown. */
const SHOWN = 25;

/** @param {import('./report.mjs').Report} report */
export function page({ rust, totals, sections, modules, functions, files }) {
  return [
    '# Size',
    '',
    'What `npm run size` measures; `npm test` fails on more than 2 % over it, and says what grew. In bytes, built by',
    `Rust ${rust}.`,
    '',
    '| file | raw | gzip | brotli |',
    '|---|---:|---:|---:|',
    ...Object.entries(totals).map(
      ([name, { raw, gzip, brotli }]) => `| \`${name}\` | ${[raw, gzip, brotli].map(grouped).join(' | ')} |`,
    ),
    ...table('WebAssembly by section', 'section', sections),
    ...table('Its code by module of Rust', 'module', modules),
    ...table('Its largest functions', 'function', functions),
    ...table('TypeScript and glue by file, minified', 'file', files),
    '',
  ].join('\n');
}

/**
 * @param {string} title
 * @param {string} kind
 * @param {Record<string, number>} sizes
 */
function table(title, kind, sizes) {
  const rows = Object.entries(sizes).slice(0, SHOWN);
  return [
    '',
    `## ${title}`,
    '',
    `| ${kind} | bytes |`,
    '|---|---:|',
    ...rows.map(([name, bytes]) => `| \`${name.replaceAll('|', '\\|')}\` | ${grouped(bytes)} |`),
  ];
}
