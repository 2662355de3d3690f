/**
 * What a module of WebAssembly is made of, in bytes: its sections, and its functions by name. It does not know which
 * names belong together.
 */

import { functions } from '../build/functions.mjs';
import { CUSTOM, sections } from '../build/sections.mjs';

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
  const producers = all.find(({ id, content }) => id === CUSTOM && content.text() === 'producers');
  const { imported, code, names } = functions(bytes);
  return {
    sections: new Map(own.map(({ id, from, to }) => [NAMES[id] ?? `section ${id}`, to - from])),
    functions: code.map(({ length }, index) => ({ name: names.get(imported + index) ?? '', bytes: length })),
    rust: rustVersion(producers?.content),
  };
}

/** @param {import('../build/sections.mjs').Reader | undefined} content of the section `producers` */
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
