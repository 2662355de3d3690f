/**
 * Short names for what a module and its glue say to each other. They are of nobody else's use, and each of them is in
 * both. It does not know what they stand for.
 */

import { leb128, Reader, sections, string } from './sections.mjs';

const IMPORT = 2;
const EXPORT = 7;

/** Of an import or an export: what it is, beside a function. */
const MEMORY = 2;

/**
 * The module and its glue, both with other names. The memory keeps its own: tools look for it.
 *
 * @param {Uint8Array} module
 * @param {string} glue
 */
export function shortened(module, glue) {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @param {string} name */
  const short = (name) => {
    const known = names.get(name) ?? nth(names.size);
    names.set(name, known);
    return known;
  };

  const parts = sections(module).map(({ id, from, to, content }) => {
    const rewrite = { [IMPORT]: imports, [EXPORT]: exports }[id];
    if (!rewrite) {
      return module.subarray(from, to);
    }
    const body = rewrite(content, short);
    return Buffer.concat([Buffer.from([id]), leb128(body.length), body]);
  });

  // `wasm.name`, `name: function`, `"module": import0`.
  const said = /(?<=\bwasm\.)[\w$]+|\b[\w$]+(?=: function)|"[^"]+"(?=: import0)/g;
  const text = glue.replace(said, (name) => names.get(name.replace(/"/g, '')) ?? name);
  return { module: Buffer.concat([module.subarray(0, 8), ...parts]), glue: text };
}

/**
 * @param {Reader} section
 * @param {(name: string) => string} short
 */
function imports(section, short) {
  const count = section.number();
  const parts = [leb128(count)];
  for (let index = 0; index < count; index++) {
    parts.push(string(short(section.text())), string(short(section.text())));
    const from = section.at;
    if (section.byte() !== 0) {
      throw new Error('An import that is no function: the build does not know its form');
    }
    section.number();
    parts.push(Buffer.from(section.bytes.subarray(from, section.at)));
  }
  return Buffer.concat(parts);
}

/**
 * @param {Reader} section
 * @param {(name: string) => string} short
 */
function exports(section, short) {
  const count = section.number();
  const parts = [leb128(count)];
  for (let index = 0; index < count; index++) {
    const name = section.text();
    const from = section.at;
    const kind = section.byte();
    section.number();
    parts.push(string(kind === MEMORY ? name : short(name)), Buffer.from(section.bytes.subarray(from, section.at)));
  }
  return Buffer.concat(parts);
}

/** `a` to `z`, `A` to `Z`, then two letters. @param {number} index @returns {string} */
function nth(index) {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const rest = Math.floor(index / letters.length);
  return (rest > 0 ? nth(rest - 1) : '') + letters[index % letters.length];
}
