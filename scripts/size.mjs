/**
 * What the package weighs and what it is made of; and whether that is within the budget, which `--accept` writes. It
 * builds what has changed.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lines } from './build/sizes.mjs';
import { build } from './build.mjs';
import { root } from './setup/places.mjs';
import { main, PlainError } from './setup/say.mjs';
import { budgetOf, compare, grouped, withSizes } from './size/budget.mjs';
import { page } from './size/page.mjs';
import { report } from './size/report.mjs';

const BUDGET = join(root, 'tests/size/budget.json');
const README = join(root, 'README.md');
const USAGE = `npm run size [-- options]

  --all        every function, not the largest only
  --json FILE  the figures, all of them, into a file
  --markdown FILE
               the figures, as a page of the documentation
  --accept     the package is as large as it should be: write the budget, and the table in README
  --check      only fail, and say what grew, where the package is not within the budget
  --help       this text`;

/** As many functions as are told of without `--all`. */
const SHOWN = 40;

function options() {
  const boolean = /** @type {const} */ ({ type: 'boolean', default: false });
  try {
    return parseArgs({
      options: {
        all: boolean,
        accept: boolean,
        check: boolean,
        help: boolean,
        json: { type: 'string' },
        markdown: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new PlainError(`${/** @type {Error} */ (error).message.split('. ')[0]}\n\n${USAGE}`);
  }
}

/**
 * @param {string} title
 * @param {Record<string, number>} sizes
 * @param {number} [shown]
 */
function table(title, sizes, shown = Number.POSITIVE_INFINITY) {
  const entries = Object.entries(sizes);
  const sum = entries.reduce((total, [, bytes]) => total + bytes, 0);
  const row = (/** @type {string} */ name, /** @type {number} */ bytes) =>
    `${grouped(bytes).padStart(9)} ${((bytes / sum) * 100).toFixed(1).padStart(5)} %  ${name}`;
  const rest = entries.slice(shown);
  return [
    '',
    title,
    ...entries.slice(0, shown).map(([name, bytes]) => row(name, bytes)),
    ...(rest.length > 0
      ? [
          row(
            `${rest.length} more`,
            rest.reduce((total, [, bytes]) => total + bytes, 0),
          ),
        ]
      : []),
    row('together', sum),
  ];
}

await main(async () => {
  const { all, accept, check, help, json, markdown } = options();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  await build({ log: () => {} });
  const now = await report();
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify(now, undefined, 2)}\n`);
  }
  if (markdown !== undefined) {
    writeFileSync(markdown, page(now));
  }
  if (accept) {
    const budget = budgetOf(now);
    writeFileSync(BUDGET, `${JSON.stringify(budget, undefined, 2)}\n`);
    writeFileSync(README, withSizes(readFileSync(README, 'utf8'), budget));
    console.log('Written: tests/size/budget.json and the sizes in README.md');
  }
  if (!check) {
    const { sections, modules, functions, files } = now;
    const text = [
      ...lines(now.totals),
      ...table('WebAssembly by section', sections),
      ...table('Its code by module of Rust', modules),
      ...table('Its code by function', functions, all ? undefined : SHOWN),
      ...table('TypeScript and glue by file, minified', files),
    ];
    console.log(text.join('\n'));
  }
  const budget = JSON.parse(readFileSync(BUDGET, 'utf8'));
  const { problems, notes } = compare(now, budget);
  const readme = readFileSync(README, 'utf8');
  if (withSizes(readme, budget) !== readme) {
    problems.push('The sizes in README.md are not those of the budget');
  }
  const remedy = problems.length > 0 ? ['If it is as it should be: npm run size -- --accept'] : [];
  console.log(['', ...notes, ...problems, ...remedy].join('\n').trimEnd());
  if (problems.length === 0) {
    console.log('Within the budget');
  }
  return check && problems.length > 0 ? 1 : 0;
});
