/**
 * The tests that name statements, as their comments say it: `[MQTT-4.3.3-8] (5.0)` in the doc comment of a Rust test,
 * or in the comment above a test in JavaScript or its name. It reads text and runs nothing.
 */

/**
 * @typedef {object} Named
 * @property {string} file
 * @property {number} line
 * @property {string} name of the test; of one in Rust with its modules inside the file, of one in JavaScript as it is
 *   written, with `HOLE` where something is put in
 * @property {boolean} wasm whether it runs in a browser
 * @property {string[]} keys of the statements
 */

/** @typedef {{ named: Named[], problems: string[] }} Found */

/** What stands in the name of a test where it puts something in. */
export const HOLE = '…';

/**
 * What tests name, and how.
 *
 * @typedef {object} Tags
 * @property {RegExp} mention anything that looks like a name
 * @property {(comment: string) => { keys: string[], loose: string[] }} read
 */

/** @type {Tags} */
export const STATEMENTS = { mention: /\[(?:MQTT-\d|duty )[^\]]*\]/, read: statementsIn };

const TOKEN = /\[(MQTT-[\d.]+-\d+|duty [^\]]+)\]|\((5\.0|3\.1\.1)\)/g;

/**
 * The statements that a comment names. Several may stand before one version.
 *
 * @param {string} comment
 * @returns {{ keys: string[], loose: string[] }} `loose` have no version
 */
export function statementsIn(comment) {
  /** @type {string[]} */
  const keys = [];
  /** @type {string[]} */
  const loose = [];
  /** @type {string[]} */
  let waiting = [];
  let end = 0;
  for (const match of comment.matchAll(TOKEN)) {
    const apart = !/^[\s,]*$/.test(comment.slice(end, match.index));
    if (apart) {
      loose.push(...waiting);
      waiting = [];
    }
    const [text, id, spec] = match;
    if (id !== undefined) {
      waiting.push(id);
    } else {
      keys.push(...waiting.map((one) => `${one} (${spec})`));
      waiting = [];
    }
    end = match.index + text.length;
  }
  return { keys, loose: [...loose, ...waiting] };
}

/**
 * @param {string} text formatted by rustfmt
 * @param {string} file
 * @param {boolean} strict whether a statement may only be named by a test
 * @param {Tags} [tags]
 * @returns {Found}
 */
export function scanRust(text, file, strict, tags = STATEMENTS) {
  const { mention } = tags;
  /** @type {Found} */
  const found = { named: [], problems: [] };
  /** @type {{ name: string, indent: string }[]} */
  const modules = [];
  /** @type {string[]} */
  let comment = [];
  /** @type {string[]} */
  let attributes = [];
  const drop = (/** @type {number} */ line) => {
    if (strict && comment.some((one) => mention.test(one))) {
      found.problems.push(`${file}:${line}: a statement is named by what is no test`);
    }
    comment = [];
    attributes = [];
  };
  for (const [index, line] of text.split('\n').entries()) {
    const number = index + 1;
    const doc = /^\s*\/\/\/ ?(.*)$/.exec(line)?.[1];
    const test = /^\s*(?:pub(?:\(\w+\))? )?(?:async )?fn (\w+)/.exec(line)?.[1];
    const inner = /^(\s*)(?:pub(?:\(\w+\))? )?mod (\w+) \{$/.exec(line);
    if (doc !== undefined) {
      comment.push(doc);
    } else if (/^\s*#\[/.test(line)) {
      attributes.push(line.trim());
    } else if (test !== undefined && attributes.some((one) => /^#\[(?:wasm_bindgen_)?test\]$/.test(one))) {
      const name = [...modules.map((one) => one.name), test].join('::');
      const wasm = attributes.includes('#[wasm_bindgen_test]');
      take(found, comment, { file, line: number, name, wasm }, tags);
      comment = [];
      attributes = [];
    } else {
      if (strict && doc === undefined && mention.test(line)) {
        found.problems.push(`${file}:${number}: a statement is named outside of a doc comment`);
      }
      drop(number);
      if (inner?.[1] !== undefined && inner[2] !== undefined) {
        modules.push({ indent: inner[1], name: inner[2] });
      } else if (line === `${modules.at(-1)?.indent}}`) {
        modules.pop();
      }
    }
  }
  return found;
}

/**
 * @param {string} text formatted by biome
 * @param {string} file
 * @param {Tags} [tags]
 * @returns {Found}
 */
export function scanScript(text, file, tags = STATEMENTS) {
  const { mention } = tags;
  /** @type {Found} */
  const found = { named: [], problems: [] };
  /** @type {string[]} */
  let comment = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    const remark = /^\s*(?:\/\/|\/\*\*?|\*\/?)(.*?)(?:\*\/)?$/.exec(line)?.[1];
    if (remark !== undefined) {
      comment.push(remark);
      continue;
    }
    const call = /^\s*(?:await )?(?:\w*[tT]est|it)\(\s*(.*)$/.exec(line)?.[1];
    // Where the name does not fit, it stands in the next line.
    const name = call === undefined ? undefined : literal(call === '' ? (lines[index + 1] ?? '').trim() : call);
    if (name !== undefined) {
      take(found, [...comment, name], { file, line: number, name, wasm: false }, tags);
    } else if (comment.some((one) => mention.test(one))) {
      found.problems.push(`${file}:${number}: a statement is named by what is no test`);
    } else if (mention.test(line) && !isName(lines, index)) {
      found.problems.push(`${file}:${number}: a statement is named outside of a comment`);
    }
    comment = [];
  }
  return found;
}

/**
 * Whether the line holds nothing but the name of the test that the line before begins.
 *
 * @param {string[]} lines
 * @param {number} index
 */
function isName(lines, index) {
  return /^\s*(?:await )?(?:\w*[tT]est|it)\($/.test(lines[index - 1] ?? '');
}

/**
 * The text of a string in quotes.
 *
 * @param {string} code that begins with it
 */
function literal(code) {
  const match = /^(['"`])((?:\\.|(?!\1).)*)\1/.exec(code);
  return match?.[2]?.replaceAll(/\\(.)/g, '$1').replaceAll(/\$\{[^}]*\}/g, HOLE);
}

/**
 * @param {Found} found
 * @param {string[]} comment
 * @param {Omit<Named, 'keys'>} test
 * @param {Tags} tags
 */
function take(found, comment, test, tags) {
  const { keys, loose } = tags.read(comment.join('\n'));
  const where = `${test.file}:${test.line}`;
  for (const id of loose) {
    found.problems.push(`${where}: [${id}] has no version behind it`);
  }
  if (keys.length > 0) {
    found.named.push({ ...test, keys });
  } else if (loose.length === 0 && comment.some((one) => tags.mention.test(one))) {
    found.problems.push(`${where}: a statement is not written as [MQTT-1.2.3-4] (5.0)`);
  }
}
