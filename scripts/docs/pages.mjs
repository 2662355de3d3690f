/**
 * The pages of the site: which there are, of what each is made, and how they are ordered. It does not know how they are
 * drawn.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../setup/places.mjs';
import { PlainError } from '../setup/say.mjs';
import { page as sizePage } from '../size/page.mjs';
import { relinked } from './links.mjs';
import { entries } from './reference.mjs';

/** The pages as the site takes them. */
export const PAGES = join(root, 'target/docs');

/** The guides in their order; those that are not named come last. */
const GUIDES = [
  {
    text: 'Begin',
    names: ['first-dashboard', 'client', 'options', 'security', 'brokers', 'bundlers', 'frameworks', 'rust'],
  },
  {
    text: 'Go on',
    names: ['topics', 'payloads', 'requests', 'acknowledgement', 'offline', 'workers-and-tabs', 'testing'],
  },
  { text: 'When it does not work', names: ['doctor', 'errors', 'trace'] },
  { text: 'From another client', names: ['from-mqttjs', 'from-paho'] },
];

/** The guides that are told of with something else. */
const ELSEWHERE = ['proof', 'design-decisions', 'contributing'];

/** What the commands that prove it have written. */
const PROOFS = [
  { file: 'tests/conformance/README.md', page: 'proof/conformance.md' },
  { file: 'tests/vectors/README.md', page: 'proof/edge-cases.md' },
  { file: 'tests/interop/README.md', page: 'proof/interop.md' },
  { file: 'tests/chaos/README.md', page: 'proof/chaos.md' },
  { file: 'tests/bench/README.md', page: 'proof/bench.md' },
].filter(({ file }) => existsSync(join(root, file)));

/** What the package weighs has a file of figures, not a page. */
const SIZE = { page: 'proof/size.md', title: 'Size' };

/** The names of the guides. */
export function guides() {
  return readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replace('.md', ''))
    .sort();
}

/** The files that pages are made of, with their pages. @returns {Map<string, string>} */
export function sources() {
  return new Map([
    ...guides().map((name) => /** @type {[string, string]} */ ([`docs/${name}.md`, `${name}.md`])),
    ...PROOFS.map(({ file, page }) => /** @type {[string, string]} */ ([file, page])),
  ]);
}

/** Writes all pages but those of the reference. */
export function writePages() {
  const all = sources();
  /** @type {string[]} */
  const missing = [];
  for (const [file, page] of all) {
    const { text, dead } = relinked(readFileSync(join(root, file), 'utf8'), file, page, all);
    missing.push(...dead);
    put(page, page.startsWith('proof/') ? proof(text) : text);
  }
  const budget = JSON.parse(readFileSync(join(root, 'tests/size/budget.json'), 'utf8'));
  put(SIZE.page, proof(sizePage(budget)));
  put('index.md', readFileSync(join(root, 'docs/.vitepress/home.md'), 'utf8'));
  const known = new Set([...all.values(), SIZE.page, 'index.md']);
  for (const name of readdirSync(PAGES, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.md') && !name.startsWith('reference') && !known.has(name)) {
      rmSync(join(PAGES, name));
    }
  }
  mkdirSync(join(PAGES, 'public'), { recursive: true });
  cpSync(join(root, 'www/public/icon.svg'), join(PAGES, 'public/icon.svg'));
  if (missing.length > 0) {
    throw new PlainError(`These links lead to no file:\n${missing.join('\n')}`);
  }
}

/**
 * @param {string} page
 * @param {string} text
 */
function put(page, text) {
  const file = join(PAGES, page);
  mkdirSync(dirname(file), { recursive: true });
  // What is the same is not written, so that nothing is drawn anew for it.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    writeFileSync(file, text);
  }
}

/** The tables of such a page are wide, and nobody edits it. @param {string} text */
function proof(text) {
  return `---\neditLink: false\naside: false\npageClass: wide\n---\n\n${text}`;
}

/** @param {string} file */
function titleOf(file) {
  return (/^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? file).replaceAll('`', '');
}

/** @typedef {{ text: string, items: { text: string, link: string }[] }} Section */

/** The lists beside the pages, by where the pages are. @returns {Record<string, Section[]>} */
export function sidebar() {
  const all = guides();
  const item = (/** @type {string} */ name) => ({ text: titleOf(`docs/${name}.md`), link: `/${name}` });
  const there = (/** @type {string[]} */ names) => names.filter((name) => all.includes(name)).map(item);
  const named = new Set([...GUIDES.flatMap(({ names }) => names), ...ELSEWHERE]);
  const reference = entries().map(({ name, file }) => ({ text: name, link: `/reference/${file}` }));
  const proofs = [...PROOFS.map(({ file, page }) => ({ page, title: titleOf(file) })), SIZE].map(({ page, title }) => {
    return { text: title, link: `/${page.replace('.md', '')}` };
  });
  return {
    '/reference/': [{ text: 'Reference', items: [{ text: 'All entries', link: '/reference/' }, ...reference] }],
    '/proof': [{ text: 'Proof', items: [{ text: 'What is proved', link: '/proof' }, ...proofs] }],
    '/': [
      ...GUIDES.map(({ text, names }) => ({ text, items: there(names) })),
      { text: 'More', items: all.filter((name) => !named.has(name)).map(item) },
      { text: 'Contribute', items: there(['design-decisions', 'contributing']) },
    ].filter(({ items }) => items.length > 0),
  };
}
