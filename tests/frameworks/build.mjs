/**
 * The dashboards of the frameworks, built as an application is: for the page, for a server, and by a server for who
 * develops. It does not know the frameworks.
 */

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createServer, build as vite } from 'vite';
import { atEnd } from '../support/cleanup.mjs';
import { HOST } from '../support/net.mjs';
import { ROOT } from '../support/site.mjs';

/**
 * @typedef {object} Framework
 * @property {string} app file of the dashboard, in this folder
 * @property {(environment: { server: boolean, development: boolean }) => import('vite').PluginOption[]} plugins
 * @property {string} browser module with `mount(root, client, linger)`, which gives the function that takes it away, and
 *   `hydrate(root, client)`; APP stands for the dashboard
 * @property {string} server module with `render(client)`, which gives `html`, `head` and what may begin the body, `start`
 */

/** The package as it was built. Of what begins with another name the name comes first. */
export const ALIAS = [
  { find: /^wasmqtt\/([a-z]+)$/, replacement: join(ROOT, 'dist/$1.js') },
  { find: /^wasmqtt$/, replacement: join(ROOT, 'dist/index.js') },
];

/** A folder that finds what is in `node_modules`. */
export async function temporary() {
  const target = join(ROOT, 'target/frameworks');
  await mkdir(target, { recursive: true });
  const folder = await mkdtemp(`${target}/`);
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @param {string} app */
const source = (app) => join(ROOT, 'tests/frameworks', app);

/** @param {string} module @param {string} app */
const written = (module, app) => module.replaceAll("'APP'", JSON.stringify(app));

/** @param {string} folder @param {import('vite').PluginOption[]} plugins @returns {import('vite').InlineConfig} */
const configuration = (folder, plugins) => ({
  root: folder,
  configFile: false,
  logLevel: 'error',
  cacheDir: join(folder, 'cache'),
  plugins,
  resolve: { alias: ALIAS },
});

/**
 * The page's module; its name is `main.js` in the folder that is returned.
 *
 * @param {Framework} framework
 */
export async function buildPage({ app, plugins, browser }) {
  const folder = await temporary();
  await writeFile(join(folder, 'main.js'), `${written(browser, source(app))}\nexport { connect } from 'wasmqtt';`);
  const outDir = join(folder, 'out');
  await vite({
    ...configuration(folder, plugins({ server: false, development: false })),
    build: { outDir, lib: { entry: 'main.js', formats: ['es'], fileName: 'main' }, minify: false },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outDir;
}

/**
 * The server's module.
 *
 * @param {Framework} framework
 * @returns {Promise<{ render(client: unknown): Promise<{ html: string, head: string, start?: string }> }>}
 */
export async function buildServer({ app, plugins, server }) {
  const folder = await temporary();
  await writeFile(join(folder, 'main.js'), written(server, source(app)));
  const outDir = join(folder, 'out');
  await vite({
    ...configuration(folder, plugins({ server: true, development: false })),
    build: { outDir, ssr: 'main.js', rollupOptions: { output: { entryFileNames: 'main.mjs' } } },
  });
  return import(pathToFileURL(join(outDir, 'main.mjs')).href);
}

/**
 * Serves the dashboard to who develops it: a file that changes is replaced in the page.
 *
 * @param {Framework} framework
 * @param {string} text of the dashboard
 */
export async function develop({ app, plugins, browser }, text) {
  const folder = await temporary();
  await cp(dirname(source(app)), folder, { recursive: true });
  const file = join(folder, basename(app));
  const write = (/** @type {string} */ changed) => writeFile(file, changed);
  await write(text);
  await writeFile(
    join(folder, 'main.js'),
    `${written(browser, file)}
import { connect } from 'wasmqtt';
const [url, options] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
mount(document.querySelector('#root'), () => connect(url, options));
globalThis.loaded = true;`,
  );
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">
<div id="root"></div><script type="module" src="./main.js"></script></html>`,
  );
  // A build says that this is production.
  process.env.NODE_ENV = 'development';
  const server = await createServer({
    ...configuration(folder, plugins({ server: false, development: true })),
    server: { host: HOST, port: 0, fs: { allow: [ROOT] } },
  });
  atEnd(() => server.close());
  await server.listen();
  const { port } = new URL(server.resolvedUrls?.local[0] ?? '');
  return { url: `http://${HOST}:${port}`, write };
}
