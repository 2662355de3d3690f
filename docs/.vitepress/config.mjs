/** The site: how it is drawn. Which pages there are is known to `scripts/docs/pages.mjs`. */

import { join } from 'node:path';
import { REPOSITORY } from '../../scripts/docs/links.mjs';
import { PAGES, sidebar } from '../../scripts/docs/pages.mjs';
import { root } from '../../scripts/setup/places.mjs';

const files = new Map([
  ['wasmqtt', join(root, 'dist/index.js')],
  ['wasmqtt/testing', join(root, 'dist/testing.js')],
]);
const list = sidebar();
const base = process.env.WASMQTT_DOCS_BASE || '/';

/** Anchors as GitHub has them, so that a link works there as here. @param {string} text */
function slugify(text) {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * A cell of a table's head that says nothing is no heading, and a row of such cells is no head.
 *
 * @param {import('vitepress').MarkdownRenderer} markdown
 */
function withoutEmptyHeads(markdown) {
  markdown.core.ruler.push('empty-heads', ({ tokens }) => {
    for (let at = 0; at < tokens.length; at++) {
      if (tokens[at].type !== 'thead_open') {
        continue;
      }
      const end = tokens.findIndex(({ type }, index) => index > at && type === 'thead_close');
      const cells = tokens.slice(at, end + 1).filter(({ type }) => type === 'inline');
      if (cells.every(({ content }) => content === '')) {
        tokens.splice(at, end + 1 - at);
        continue;
      }
      for (let cell = at; cell < end; cell++) {
        if (tokens[cell].type === 'th_open' && tokens[cell + 1].content === '') {
          tokens[cell].tag = 'td';
          tokens[cell + 2].tag = 'td';
        }
      }
    }
  });
}

/** @type {import('vitepress').UserConfig<import('vitepress').DefaultTheme.Config>} */
export default {
  lang: 'en',
  title: 'wasmqtt',
  description: 'An MQTT client for web pages: MQTT 5.0, 3.1.1 and 3.1 over WebSocket',
  base,
  srcDir: PAGES,
  outDir: join(root, 'target/site'),
  cacheDir: join(root, 'target/docs-cache'),
  cleanUrls: false,
  head: [['link', { rel: 'icon', href: `${base}icon.svg`, type: 'image/svg+xml' }]],
  markdown: {
    config: withoutEmptyHeads,
    anchor: { slugify },
    toc: { slugify },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    logo: { src: '/icon.svg', alt: '' },
    nav: [
      { text: 'Guides', link: list['/']?.[0]?.items[0]?.link ?? '/', activeMatch: '^/[\\w-]+(\\.html)?$' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Proof', link: '/proof', activeMatch: '^/proof' },
    ],
    sidebar: list,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: 'Edit this page' },
    externalLinkIcon: true,
  },
  vite: {
    // The index of the search is one file.
    build: { chunkSizeWarningLimit: 4000 },
    resolve: { alias: [...files].map(([name, file]) => ({ find: new RegExp(`^${name}$`), replacement: file })) },
    server: { fs: { allow: [root] } },
  },
};
