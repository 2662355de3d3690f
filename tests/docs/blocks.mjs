/** The code in the pages: every block, with where it stands and what is said of it. It does not know what is done with them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/site.mjs';

/** The pages that people write: README, the guides, and the first page of the site. */
export const PAGES = [
  'README.md',
  'docs/.vitepress/home.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** @param {string} page */
export function textOf(page) {
  return readFileSync(join(ROOT, page), 'utf8');
}

/**
 * @typedef {object} Block
 * @property {string} page
 * @property {number} line of its first line, from 1
 * @property {string} language
 * @property {string[]} flags what follows the language: `run`, `run=mosquitto`, `no-check`
 * @property {string} code
 * @property {string} name for people: page and line
 */

/** @returns {Block[]} */
export function blocks() {
  return PAGES.flatMap((page) => {
    /** @type {Block[]} */
    const found = [];
    /** @type {{ fence: string, block: Block } | undefined} */
    let open;
    for (const [index, line] of textOf(page).split('\n').entries()) {
      const [, fence = '', info = ''] = /^(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
      if (open && line.trim() === open.fence) {
        found.push(open.block);
        open = undefined;
      } else if (open) {
        open.block.code += `${line}\n`;
      } else if (fence) {
        const [language = '', ...flags] = info.trim().split(/\s+/);
        const name = `${page}:${index + 2}`;
        open = { fence, block: { page, line: index + 2, language, flags, code: '', name } };
      }
    }
    if (open) {
      throw new Error(`${open.block.name}: the block has no end`);
    }
    return found;
  });
}
