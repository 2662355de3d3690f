/** Every example compiles against the built package, and every command that a page names is there. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../scripts/setup/run.mjs';
import { toolEnv } from '../../scripts/setup.mjs';
import { GROUPS } from '../../scripts/test/groups.mjs';
import { ROOT } from '../support/site.mjs';
import { blocks, PAGES, textOf } from './blocks.mjs';

const FOLDER = join(ROOT, 'target/docs-examples');
const require = createRequire(import.meta.url);

/** Those that cannot be compiled, by their pages, with the reason. */
const UNCHECKED = new Map([
  ['docs/testing.md', 'the page is that of a test of Playwright, which is not a dependency of this project'],
  ['docs/frameworks.md', 'a part of a program for Leptos: npm run frameworks builds the whole of it'],
]);

/** Commands of the project that a guide has its reader make. */
const READERS = ['dev'];

/** Languages that hold nothing that could be compiled or run. */
const PROSE = ['text', 'diff', 'toml', 'json', ''];

const all = blocks();
const checked = all.filter(({ flags }) => !flags.includes('no-check'));
const of = (/** @type {string[]} */ ...languages) => checked.filter(({ language }) => languages.includes(language));

test('every block has a language that is checked, or that is none, and a reason if it is not checked', () => {
  const known = [...PROSE, 'ts', 'tsx', 'js', 'jsx', 'html', 'vue', 'svelte', 'rust', 'sh'];
  const flags = ['run', 'run=mosquitto', 'no-check'];
  for (const { name, language, flags: own } of all) {
    assert.ok(known.includes(language), `${name}: nobody checks '${language}'`);
    assert.ok(own.every((flag) => flags.includes(flag)) && own.length <= 1, `${name}: ${own.join(' ')}`);
  }
  const unchecked = all.filter(({ flags: own }) => own.includes('no-check')).map(({ page }) => page);
  assert.deepEqual(unchecked.sort(), [...UNCHECKED.keys()].sort());
});

test('TypeScript and JavaScript compile', async () => {
  await rm(join(FOLDER, 'typescript'), { recursive: true, force: true });
  const scripts = [...of('ts', 'tsx', 'js', 'jsx'), ...of('html').flatMap(scriptsOf)];
  assert.ok(scripts.length > 30);
  for (const { page, line, language, code } of scripts) {
    const strict = language.startsWith('ts');
    const file = join(FOLDER, 'typescript', strict ? 'ts' : 'js', `${page.replace('.md', '')}-${line}.${language}`);
    const pragma = code.includes("'wasmqtt/solid'") ? '/** @jsxImportSource solid-js */' : '';
    const module = /^(?:import|export) /m.test(code) ? '' : 'export {};\n';
    await mkdir(dirname(file), { recursive: true });
    // The lines are those of the page, so that a complaint says where it is.
    await writeFile(file, `${pragma}${'\n'.repeat(line - 1)}${code}${module}`);
  }
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable', 'ESNext.Disposable'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    types: [],
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const complaints = [];
  for (const kind of ['ts', 'js']) {
    const config = join(FOLDER, 'typescript', `tsconfig.${kind}.json`);
    await writeFile(
      config,
      JSON.stringify({
        compilerOptions: { ...compilerOptions, strict: kind === 'ts' },
        include: [kind, join(ROOT, 'tests/docs/prelude.d.ts')],
      }),
    );
    const { ok, output } = await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config], {
      cwd: FOLDER,
    });
    complaints.push(...(ok ? [] : [output]));
  }
  assert.equal(complaints.join('\n'), '');
});

test('components of Vue and Svelte compile', async () => {
  const vue = require('vue/compiler-sfc');
  for (const { name, code } of of('vue')) {
    const { descriptor, errors } = vue.parse(code, { filename: name });
    assert.deepEqual(errors, [], name);
    vue.compileScript(descriptor, { id: name });
    const template = vue.compileTemplate({ source: descriptor.template?.content ?? '', filename: name, id: name });
    assert.deepEqual(template.errors, [], name);
  }
  const { compile } = require('svelte/compiler');
  for (const { name, code } of of('svelte')) {
    const { warnings } = compile(code, { filename: `${name}.svelte` });
    assert.deepEqual(
      warnings.map((/** @type {{ message: string }} */ { message }) => message),
      [],
      name,
    );
  }
  assert.ok(of('vue').length > 0 && of('svelte').length > 0);
});

test('programs in Rust compile', async () => {
  const folder = join(FOLDER, 'rust');
  await mkdir(join(folder, 'src'), { recursive: true });
  const programs = of('rust');
  assert.ok(programs.length > 0);
  const bodies = programs.map(({ page, line, code }) => {
    return `pub async fn ${page.replaceAll(/\W/g, '_').toLowerCase()}_${line}() -> Result<(), wasmqtt::Error> {\n${code}\nOk(())\n}`;
  });
  const prelude = '#![allow(unused)]\nfn log(_topic: &str, _payload: &[u8]) {}';
  await writeFile(join(folder, 'src/lib.rs'), [prelude, ...bodies].join('\n'));
  const dependency = 'wasmqtt = { path = "../../..", default-features = false, features = ["session-store"] }';
  await writeFile(
    join(folder, 'Cargo.toml'),
    `[package]\nname = "examples"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${dependency}\n\n[workspace]\n`,
  );
  await copyFile(join(ROOT, 'Cargo.lock'), join(folder, 'Cargo.lock'));
  const target = ['--target', 'wasm32-unknown-unknown', '--target-dir', join(ROOT, 'target')];
  const { ok, output } = await run('cargo', ['check', '--offline', ...target], {
    cwd: folder,
    env: { ...toolEnv(), CARGO_TERM_COLOR: 'never' },
  });
  assert.ok(ok, output);
});

test('each command that a page names is there', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const groups = ['check', ...GROUPS.map(({ name }) => name)];
  const wrong = PAGES.flatMap((page) => {
    const text = textOf(page);
    return [
      ...[...text.matchAll(/npm run ([\w-]+)/g)].filter(
        ([, name = '']) => !READERS.includes(name) && !Object.hasOwn(scripts, name),
      ),
      ...[...text.matchAll(/npm test -- ([a-z][\w-]*)/g)].filter(([, name = '']) => !groups.includes(name)),
    ].map(([command]) => `${page}: ${command}`);
  });
  assert.deepEqual(wrong, []);
});

/**
 * The modules in a page of HTML.
 *
 * @param {import('./blocks.mjs').Block} block
 */
function scriptsOf(block) {
  for (const [, map = ''] of block.code.matchAll(/<script type="importmap">(.*?)<\/script>/gs)) {
    JSON.parse(map);
  }
  return [...block.code.matchAll(/<script type="module">(.*?)<\/script>/gs)].map((match) => ({
    ...block,
    language: 'js',
    line: block.line + block.code.slice(0, match.index).split('\n').length - 1,
    code: `${match[1]}\n`,
  }));
}
