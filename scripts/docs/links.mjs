/**
 * The links of a page of this repository, as they are in the site: to the page that is made of a file, or else to the file
 * where the repository is published. It does not know how pages are drawn.
 */

import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../setup/places.mjs';

export const REPOSITORY = 'https://github.com/wasmqtt/wasmqtt';

/**
 * @param {string} text Markdown
 * @param {string} from its path in the repository
 * @param {string} page its path in the site
 * @param {ReadonlyMap<string, string>} pages the pages of the site by the files of which they are made
 * @returns {{ text: string, dead: string[] }} `dead`: links to what is not in the repository
 */
export function relinked(text, from, page, pages) {
  /** @type {string[]} */
  const dead = [];
  const outside = (/** @type {string} */ part) =>
    part.replaceAll(/(\]\()([^)\s#]*)(#[^)\s]*)?(\))/g, (whole, open, path, anchor = '', close) => {
      if (path === '' || /^[a-z]+:/.test(path)) {
        return whole;
      }
      const target = posix.join(posix.dirname(from), path).replace(/\/$/, '');
      const own = pages.get(target);
      if (own !== undefined) {
        return `${open}${posix.relative(posix.dirname(page), own) || posix.basename(own)}${anchor}${close}`;
      }
      if (target.startsWith('..') || !existsSync(join(root, target))) {
        dead.push(`${from}: ${path}`);
      }
      return `${open}${REPOSITORY}/blob/main/${target}${anchor}${close}`;
    });
  // What is code stays as it is: every second part.
  const parts = text.split(/(^(?:```|~~~)[\s\S]*?^(?:```|~~~)\s*$|`[^`\n]*`)/m);
  return { text: parts.map((part, index) => (index % 2 ? part : outside(part))).join(''), dead };
}
