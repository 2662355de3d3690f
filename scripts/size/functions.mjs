/**
 * What a module of WebAssembly is made of, in bytes: its sections, and its functions by name. It does not know which
 * names belong together.
 */

import { CUSTOM, Reader, sections } from '../build/sections.mjs';

const [IMPORT, CODE] = [2, 10];
const NAMES = {
  1: 'types',
  2: 'imports',
  3: 'functions',
  4: 'tables',
  5: 'memory',
  6: 'globals',
  7: 'exports',
  8: 'start',
  9: 'elements',
  10: 'code',
  11: 'data',
  12: 'data count',
  13: 'tags',
};

/**
 * @param {Uint8Array} bytes a module with its names
 * @returns {{ sections: Map<string, number>, functions: { name: string, bytes: number }[], rust: string }} the compiler
 *   that made it by its version
 */
export function contents(bytes) {
  const all = sections(bytes);
  const own = all.filter(({ id }) => id !== CUSTOM);
  const custom = new Map();
  for (const { id, content } of all) {
    if (id === CUSTOM) {
      custom.set(content.text(), content);
    }
  }
  const code = own.find(({ id }) => id === CODE)?.content ?? new Reader(bytes, 0, 0);
  const imports = own.find(({ id }) => id === IMPORT)?.content;
  const names = functionNames(custom.get('name'));
  let index = imports ? importedFunctions(imports) : 0;
  const functions = [];
  for (let left = code.end > 0 ? code.number() : 0; left > 0; left -= 1, index += 1) {
    const from = code.at;
    code.part();
    functions.push({ name: names.get(index) ?? '', bytes: code.at - from });
  }
  return {
    sections: new Map(own.map(({ id, from, to }) => [NAMES[id] ?? `section ${id}`, to - from])),
    functions,
    rust: rustVersion(custom.get('producers')),
  };
}

/** @param {Reader | undefined} content of the section `name` */
function functionNames(content) {
  const names = new Map();
  while (content && content.at < content.end) {
    const kind = content.byte();
    const part = content.part();
    for (let left = kind === 1 ? part.number() : 0; left > 0; left -= 1) {
      names.set(part.number(), part.text());
    }
  }
  return names;
}

/** @param {Reader | undefined} content of the section `producers` */
function rustVersion(content) {
  for (let fields = content?.number() ?? 0; content && fields > 0; fields -= 1) {
    content.text();
    for (let values = content.number(); values > 0; values -= 1) {
      const [producer, version] = [content.text(), content.text()];
      if (producer === 'rustc') {
        return version.split(' ')[0] ?? '';
      }
    }
  }
  return '';
}

/** @param {Reader} content */
function importedFunctions(content) {
  let functions = 0;
  for (let left = content.number(); left > 0; left -= 1) {
    content.text();
    content.text();
    const kind = content.byte();
    if (kind === 0) {
      functions += 1;
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
  return functions;
}
