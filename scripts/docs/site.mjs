/** The site in `target/site`: what it is made of, and making it again where that has changed. */

import { watch } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import { inputs, stamped } from '../build/steps.mjs';
import { root } from '../setup/places.mjs';
import { PlainError, seconds } from '../setup/say.mjs';
import { PAGES, sources, writePages } from './pages.mjs';
import { entries, writeReference } from './reference.mjs';

export const SITE = join(root, 'target/site');

/** @type {(readonly [string, RegExp?])[]} */
const MACHINERY = [['scripts/docs'], ['package.json'], ['package-lock.json']];

/** The pages. @param {(line: string) => void} log */
export async function preparePages(log) {
  const start = performance.now();
  const made = await stamped('docs-reference', {
    inputs: await inputs([...MACHINERY, ['dist', /\.d\.ts$/]]),
    outputs: entries().map(({ file }) => `target/docs/reference/${file}.md`),
    run: () => writeReference(join(PAGES, 'reference')),
  });
  if (made) {
    log(`reference: a page for each entry (${seconds(performance.now() - start)})`);
  }
  writePages();
}

/**
 * Builds the site, unless it is there and of the same pages.
 *
 * @param {{ log?: (line: string) => void, base?: string }} [options] `base` is the path below which it will be served
 */
export async function buildSite({ log = console.log, base = '/' } = {}) {
  await preparePages(log);
  const start = performance.now();
  process.env.WASMQTT_DOCS_BASE = base;
  const made = await stamped('docs-site', {
    inputs: `${base} ${await inputs([...MACHINERY, ['target/docs', /\.md$/], ['docs/.vitepress', /config\.mjs$|home\.md$|theme/], ['dist', /\.js$/]])}`,
    outputs: ['target/site/index.html', 'target/site/404.html'],
    run: async () => {
      log('site: VitePress (usually 30 seconds)');
      const { build } = await import('vitepress');
      const complaints = await complaintsOf(() => build(join(root, 'docs')));
      if (complaints.length > 0) {
        throw new PlainError(`The site was built, and is not as it should be:\n${complaints.join('\n')}`);
      }
    },
  });
  log(made ? `site: target/site (${seconds(performance.now() - start)})` : 'site: up to date');
}

/**
 * What is written as a warning or an error meanwhile. VitePress and Vue go on after both.
 *
 * @param {() => Promise<unknown>} work
 */
async function complaintsOf(work) {
  /** @type {string[]} */
  const complaints = [];
  const { warn, error } = console;
  console.warn = (...values) => void complaints.push(format(...values));
  console.error = console.warn;
  try {
    await work();
  } finally {
    Object.assign(console, { warn, error });
  }
  return complaints;
}

/**
 * Serves the site, and follows what is written in `docs`.
 *
 * @param {{ log?: (line: string) => void, port?: number }} [options]
 */
export async function serveSite({ log = console.log, port = 0 } = {}) {
  await preparePages(log);
  const { createServer } = await import('vitepress');
  const server = await createServer(join(root, 'docs'), { host: '127.0.0.1', ...(port ? { port } : {}) });
  await server.listen();
  const folders = new Set(['docs', ...[...sources().keys()].map((file) => file.replace(/\/[^/]*$/, ''))]);
  for (const folder of folders) {
    watch(join(root, folder), (_, name) => {
      if (name?.endsWith('.md')) {
        try {
          writePages();
        } catch (error) {
          log(error instanceof Error ? error.message : String(error));
        }
      }
    });
  }
  return { url: server.resolvedUrls?.local[0] ?? '', stop: () => server.close() };
}
