/** What would be published, of npm's package and of the crate, as their own tools say. Nothing is built here but by `prepack`. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolEnv } from '../../scripts/setup.mjs';
import { ROOT } from '../support/site.mjs';
import { pack, run } from './stranger.mjs';

const text = (/** @type {string} */ name) => readFile(join(ROOT, name), 'utf8');

test('npm publish --dry-run builds, and has the same files as the tarball', async () => {
  const said = JSON.parse(await run('npm', ['publish', '--dry-run', '--json'], ROOT));
  const { files } = said.files ? said : said.wasmqtt;
  const names = (/** @type {{ path: string }[]} */ all) => all.map(({ path }) => path).sort();
  assert.deepEqual(names(files), names((await pack()).files));
});

test('it is published with provenance, from the repository that it names', async () => {
  const { manifest } = await pack();
  assert.deepEqual(manifest.publishConfig, { access: 'public', provenance: true });
  assert.match(manifest.repository.url, /^git\+https:\/\/.*\.git$/);
  assert.match(manifest.scripts.prepack, /^node scripts\/build\.mjs\b/);
  for (const field of ['unpkg', 'jsdelivr']) {
    assert.equal(manifest[field], './dist/wasmqtt.global.js');
  }
});

test('the crate holds its sources, what it is and what is new, and nothing else', async () => {
  const listed = (await run('cargo', ['package', '--list', '--allow-dirty', '--locked'], ROOT, toolEnv()))
    .trim()
    .split('\n');
  const sources = (await readdir(join(ROOT, 'src'), { recursive: true }))
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.rs'));
  const plain = ['CHANGELOG.md', 'Cargo.lock', 'Cargo.toml', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md'];
  // Cargo's own.
  const others = listed.filter((name) => name !== '.cargo_vcs_info.json' && name !== 'Cargo.toml.orig');
  assert.deepEqual(others.sort(), [...plain, ...sources].sort());
});

test('package and crate have one version, and the changelog tells of it or of what will be', async () => {
  const { version } = JSON.parse(await text('package.json'));
  const [, crate] = /^version = "(.*)"$/m.exec(await text('Cargo.toml')) ?? [];
  assert.equal(crate, version);
  const changelog = await text('CHANGELOG.md');
  const [latest = ''] = [...changelog.matchAll(/^## \[(.*?)\](.*)$/gm)].map(([, name]) => name);
  assert.ok(latest === version || (latest === 'Unreleased' && changelog.includes(version)), latest);
  assert.ok(changelog.includes(`\n[${latest}]: https://`));
});
