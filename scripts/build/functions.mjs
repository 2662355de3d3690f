/** The functions of a module of WebAssembly: their code, and their names in the section `name`. It does not know what they do. */

import { CUSTOM, leb128, Reader, sections, string } from './sections.mjs';

const [IMPORT, CODE] = [2, 10];

/** In the section `name`: those of functions. */
const FUNCTIONS = 1;

/**
 * @param {Uint8Array} module
 * @returns {{ imported: number, code: Uint8Array[], names: Map<number, string> }} the code of those that are not imported,
 *   each with its length in front; names by index, imported functions first
 */
export function functions(module) {
  const all = sections(module);
  const code = [];
  const body = all.find(({ id }) => id === CODE)?.content;
  for (let left = body?.number() ?? 0; body && left > 0; left--) {
    const from = body.at;
    body.part();
    code.push(module.subarray(from, body.at));
  }
  const imports = all.find(({ id }) => id === IMPORT)?.content;
  return { imported: imports ? imported(imports) : 0, code, names: functionNames(all) };
}

/**
 * The module with other names for its functions. What else it has names for loses them.
 *
 * @param {Uint8Array} module
 * @param {(name: string, index: number) => string} rename
 */
export function renamed(module, rename) {
  const names = [...functions(module).names].map(([index, name]) =>
    Buffer.concat([leb128(index), string(rename(name, index))]),
  );
  const part = Buffer.concat([leb128(names.length), ...names]);
  const body = Buffer.concat([string('name'), Buffer.from([FUNCTIONS]), leb128(part.length), part]);
  const others = sections(module).filter(({ id, content }) => id !== CUSTOM || content.text() !== 'name');
  const rest = others.map(({ from, to }) => module.subarray(from, to));
  return Buffer.concat([module.subarray(0, 8), ...rest, Buffer.from([CUSTOM]), leb128(body.length), body]);
}

/** @param {import('./sections.mjs').Section[]} all */
function functionNames(all) {
  const names = new Map();
  for (const { content } of all.filter(({ id }) => id === CUSTOM)) {
    const isNames = content.text() === 'name';
    while (isNames && content.at < content.end) {
      const kind = content.byte();
      const part = content.part();
      for (let left = kind === FUNCTIONS ? part.number() : 0; left > 0; left--) {
        names.set(part.number(), part.text());
      }
    }
  }
  return names;
}

/** @param {Reader} content */
function imported(content) {
  let count = 0;
  for (let left = content.number(); left > 0; left -= 1) {
    content.text();
    content.text();
    const kind = content.byte();
    if (kind === 0) {
      count += 1;
      content.number();
    } else if (kind === 1 || kind === 2) {
      if (kind === 1) {
        // The type of a table's elements.
        content.byte();
      }
      const flags = content.byte();
      content.number();
      if (flags & 1) {
        content.number();
      }
    } else {
      // A global's type and whether it changes, a tag's attribute and type.
      content.byte();
      content.number();
    }
  }
  return count;
}
