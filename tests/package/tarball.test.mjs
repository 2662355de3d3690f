/** What is in the package and what tools say of it. It does not run it in a browser. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { ADDONS, GLOBALS, globalFile, MODULES, PARTS } from '../../scripts/build/entries.mjs';
import { FOLDERS } from '../../scripts/build/folders.mjs';
import { ROOT } from '../support/site.mjs';
import { install, pack, run } from './stranger.mjs';

const { tarball, files, manifest } = await pack();
const folder = await install(tarball);
const bin = (name) => join(ROOT, 'node_modules/.bin', name);

test('it holds the modules, their types, the WebAssembly, the licences, and nothing else', () => {
  const others = files.map(({ path }) => path).filter((path) => !/^dist\/([a-z]+\/)?[a-z-]+\.d\.ts$/.test(path));
  const modules = [...MODULES, ...PARTS, ...ADDONS].map((name) => `${name}.js`);
  const scripts = [...modules, ...GLOBALS.map(globalFile)].map((name) => `dist/${name}`);
  const plain = ['CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist/wasmqtt.wasm', 'package.json'];
  const beside = FOLDERS.map((name) => `${name}/package.json`);
  assert.deepEqual(others.sort(), [...plain, ...scripts, ...beside].sort());
  for (const name of [...MODULES, ...ADDONS]) {
    assert.ok(files.some(({ path }) => path === `dist/${name}.d.ts`));
  }
});

test('each module is an export, the WebAssembly too, and there are no others', () => {
  const entry = (/** @type {string} */ name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  const names = [...MODULES, ...ADDONS].map((name) => [name === 'index' ? '.' : `./${name}`, entry(name)]);
  const files = { './wasmqtt.wasm': './dist/wasmqtt.wasm', './package.json': './package.json' };
  assert.deepEqual(manifest.exports, { ...Object.fromEntries(names), ...files });
});

test('what knows no exports finds the same modules, in folders that are in no commit', async () => {
  const ignored = (await readFile(join(ROOT, '.gitignore'), 'utf8')).split('\n');
  const committed = FOLDERS.filter((name) => !ignored.includes(`/${name}/`));
  assert.deepEqual(committed, []);
  for (const [path, { types, default: main }] of Object.entries(manifest.exports)) {
    if (main !== undefined) {
      const beside = join(folder, 'node_modules/wasmqtt', path);
      const found = JSON.parse(await readFile(join(beside, 'package.json'), 'utf8'));
      const at = (/** @type {string} */ file) =>
        `./${relative(join(folder, 'node_modules/wasmqtt'), join(beside, file))}`;
      assert.deepEqual([at(found.main), at(found.types)], [main, types], path);
    }
  }
});

test('nothing in it tells where it was built', async () => {
  for (const { path } of files) {
    const text = await readFile(join(folder, 'node_modules/wasmqtt', path), 'latin1');
    for (const place of [homedir(), ROOT]) {
      assert.ok(place.length < 2 || !text.includes(`${place}/`), `${path} holds ${place}`);
    }
  }
});

test('it depends on nothing but the framework of a page that has one, and runs nothing when it is installed', () => {
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
    assert.equal(manifest[field], undefined, field);
  }
  const peers = Object.keys(manifest.peerDependencies ?? {});
  assert.deepEqual(manifest.peerDependenciesMeta, Object.fromEntries(peers.map((name) => [name, { optional: true }])));
  const scripts = Object.keys(manifest.scripts ?? {});
  assert.deepEqual(
    scripts.filter((name) => /^(pre|post)?(install|prepare)$/.test(name)),
    [],
  );
  assert.equal(manifest.sideEffects, false);
});

test('publint finds nothing', async () => {
  const { messages } = await publint({
    pkgDir: join(folder, 'node_modules/wasmqtt'),
    level: 'suggestion',
    strict: true,
    pack: false,
  });
  assert.deepEqual(messages, []);
});

test('arethetypeswrong finds nothing', async () => {
  // It is a module from everywhere: CommonJS has it by `import()`, or by `require` in a Node that can.
  const rules = ['--ignore-rules', 'cjs-resolves-to-esm'];
  await run(bin('attw'), [tarball, ...rules, '--exclude-entrypoints', './wasmqtt.wasm', '--no-color'], folder);
});

test('importing it has no side effect, in Node as on a server', async () => {
  const script = `
    const before = Object.getOwnPropertyNames(globalThis).length;
    for (const name of ['wasmqtt', 'wasmqtt/slim']) {
      const { connect } = await import(name);
      if (typeof connect !== 'function') throw new Error(name);
    }
    if (Object.getOwnPropertyNames(globalThis).length !== before) throw new Error('a global was added');
    if (process.getActiveResourcesInfo().some((one) => /Timeout|TCP|Message/.test(one))) throw new Error('something runs');
    console.log('done');`;
  await writeFile(join(folder, 'import.mjs'), script);
  assert.equal(await run(process.execPath, ['import.mjs'], folder), 'done\n');
});
