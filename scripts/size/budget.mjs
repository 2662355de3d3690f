/**
 * How large the package may be: what it was when somebody last said that this is right, and 2 % more. The sizes in
 * README are those of the budget. It does not know how sizes are measured.
 */

/** A part of what the budget says. */
const SHARE = 0.02;
/** Of brotli, the one file with the WebAssembly inside over the two. */
const INSIDE = 1.12;
/** Smaller functions are told of by their modules. */
const LEAST_FUNCTION = 500;
/** As many as are named of each kind. */
const NAMED = 12;

/** @typedef {import('./report.mjs').Report} Report */

/** The columns of a size that are judged. */
const JUDGED = /** @type {const} */ (['raw', 'brotli']);

/** What is named where a file of the package has grown. @type {Record<string, ('sections' | 'modules' | 'functions' | 'files')[]>} */
const PARTS = {
  'index.js': ['files', 'sections', 'modules', 'functions'],
  'slim.js': ['files'],
  'wasmqtt.wasm': ['sections', 'modules', 'functions'],
  'session.js': ['files'],
  'worker.js': ['files'],
  'worker-session.js': ['files'],
  'share.js': ['files'],
  'share-worker.js': ['files'],
  'wire.js': ['files'],
};

/**
 * @param {Report} report
 * @returns {Report}
 */
export function budgetOf(report) {
  const large = Object.entries(report.functions).filter(([, bytes]) => bytes >= LEAST_FUNCTION);
  return { ...report, functions: Object.fromEntries(large) };
}

/**
 * @param {Report} report
 * @param {Report} budget
 * @returns {{ problems: string[], notes: string[] }} lines; without problems it is within the budget
 */
export function compare(report, budget) {
  const problems = [];
  const notes = [];
  const sameRust = report.rust === budget.rust;
  if (!sameRust) {
    notes.push(`Built by Rust ${report.rust}, the budget is of ${budget.rust}: the WebAssembly is not judged.`);
  }
  const parts = new Set();
  for (const [name, was] of Object.entries(budget.totals)) {
    const is = report.totals[name];
    if (!is) {
      problems.push(`${name} is in the budget and not in the package`);
    } else if (sameRust || name === 'slim.js' || name === 'worker.js') {
      for (const column of JUDGED) {
        const change = is[column] / was[column] - 1;
        if (Math.abs(change) > SHARE) {
          const word = change > 0 ? 'has grown' : 'is smaller than the budget';
          problems.push(`${name} ${word}: ${column} ${was[column]} -> ${is[column]}, ${percent(change)}`);
          for (const part of PARTS[name] ?? []) {
            parts.add(part);
          }
        }
      }
    }
  }
  problems.push(...[...parts].flatMap((part) => changes(part, report[part], budget[part])));
  const [one, page, wasm] = ['index.js', 'slim.js', 'wasmqtt.wasm'].map((name) => report.totals[name]?.brotli ?? 0);
  const over = one / (page + wasm);
  if (over > INSIDE) {
    problems.push(
      `index.js is ${percent(over - 1)} over slim.js and wasmqtt.wasm in brotli: ${percent(INSIDE - 1)} at most`,
    );
  }
  return { problems, notes };
}

/**
 * What of one kind has changed, the greatest change first.
 *
 * @param {string} kind
 * @param {Record<string, number>} is
 * @param {Record<string, number>} was
 */
function changes(kind, is, was) {
  const small = (/** @type {number} */ bytes) => kind === 'functions' && bytes < LEAST_FUNCTION;
  const changed = [...new Set([...Object.keys(is), ...Object.keys(was)])]
    .map((name) => ({ name, before: was[name] ?? 0, now: is[name] ?? 0 }))
    .filter(({ before, now }) => before !== now && !(before === 0 && small(now)))
    .sort((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before));
  const lines = changed.slice(0, NAMED).map(({ name, before, now }) => {
    const from = before === 0 && kind === 'functions' ? `under ${LEAST_FUNCTION}` : before;
    return `    ${signed(now - before).padStart(7)}  ${name} (${from} -> ${now})`;
  });
  const more = changed.length > NAMED ? [`    and ${changed.length - NAMED} more`] : [];
  return lines.length > 0 ? [`  ${kind}, in bytes:`, ...lines, ...more] : [];
}

/** The rows of README's table by the files that they tell of. */
const ROWS = {
  'index.js': '`wasmqtt`: one module, with the WebAssembly deflated inside',
  'slim.js': '`wasmqtt/slim`: the module',
  'wasmqtt.wasm': '`wasmqtt/slim`: `wasmqtt.wasm`, compiled while it arrives',
  'session.js': 'beside either module, with the first `session` that is stored: its store and an engine of its own',
  'worker.js': 'beside either module, with the first `worker`',
  'worker-session.js': 'beside either module, with the first `worker` whose session is stored: an engine of its own',
  'share.js': 'beside either module, with the first `share`; where a page leads, `session.js` too',
  'share-worker.js': 'the same in a SharedWorker, with an engine of its own; once for all pages',
  'wire.js': 'beside either module, with the first listener for packets',
};

/**
 * README with the sizes of the budget.
 *
 * @param {string} text
 * @param {Pick<Report, 'rust' | 'totals'>} budget
 */
export function withSizes(text, { rust, totals }) {
  const rows = new Map(Object.entries(ROWS).map(([name, label]) => [`| ${label} |`, totals[name]]));
  const lines = text.split('\n').map((line) => {
    const head = [...rows.keys()].find((start) => line.startsWith(start));
    const size = head && rows.get(head);
    if (!head || !size) {
      return line.replace(/\(Rust \d+\.\d+\)/, `(Rust ${rust.split('.').slice(0, 2).join('.')})`);
    }
    rows.delete(head);
    return `${head} ${[size.raw, size.gzip, size.brotli].map(grouped).join(' | ')} |`;
  });
  if (rows.size > 0) {
    throw new Error(`README has no row of sizes that begins with ${[...rows.keys()].join(' or ')}`);
  }
  return lines.join('\n');
}

/** With a space before the thousands. @param {number} value */
export function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function percent(/** @type {number} */ share) {
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

function signed(/** @type {number} */ value) {
  return value > 0 ? `+${value}` : String(value);
}
