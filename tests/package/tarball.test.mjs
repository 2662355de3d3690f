/** What is in the package and what tools say of it. It does not run it in a browser. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { ROOT } from '../support/site.mjs';
import { install, pack, run } from './stranger.mjs';

const { tarball, files, manifest } = await pack();
const folder = await install(tarball);
const bin = (name) => join(ROOT, 'node_modules/.bin', name);

test('it holds the modules, their types, the WebAssembly, the licences, and nothing else', () => {
  const others = files.map(({ path }) => path).filter((path) => !/^dist\/[a-z]+\.d\.ts$/.test(path));
  assert.deepEqual(others.sort(), [
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'dist/index.js',
    'dist/slim.js',
    'dist/wasmqtt.wasm',
    'package.json',
  ]);
  for (const name of ['index', 'slim']) {
    assert.ok(files.some(({ path }) => path === `dist/${name}.d.ts`));
  }
});

test('it depends on nothing and runs nothing when it is installed', () => {
  for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
    assert.equal(manifest[field], undefined, field);
  }
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
  await run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-color'], folder);
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

const PROGRAM = `
import { connect, MqttError, type Client, type Message, type Subscription } from 'wasmqtt';
import { connect as slim } from 'wasmqtt/slim';

const client: Client = connect(new URL('wss://broker.example/mqtt'), {
  protocol: 5,
  will: { topic: 'gone', payload: new Uint8Array(3), qos: 1, userProperties: [['a', 'b']] },
  auth: async ({ signal }) => ({ username: 'u', password: String(signal.aborted) }),
  reconnect: { max: 1000, jitter: 'none' },
});
const off: () => void = client.on('disconnect', ({ detail }) => console.log(detail.error.code, detail.retryIn));
client.addEventListener('message', (event) => console.log(event.detail.topic.length));
const subscription: Subscription = client.subscribe('a/#', (message: Message) => message.json<{ x: number }>().x, { qos: 2 });
const { qos, reasonCode } = await client.publish('a', new Blob(['x']), { qos: 1, signal: AbortSignal.timeout(5) });
for await (const message of client.subscribe('b')) {
  const bytes: Uint8Array = message.payload;
  console.log(bytes.length, qos satisfies 0 | 1 | 2, reasonCode.toFixed());
}
try {
  await subscription.ready;
} catch (error) {
  if (error instanceof MqttError && error.code === 'refused') off();
}
// @ts-expect-error an option that does not exist
connect('ws://x', { cleanSession: true });
// @ts-expect-error a QoS that does not exist
client.subscribe('a', { qos: 3 });
export const others: Promise<void> = slim(['ws://a', 'ws://b']).close({ drain: 100 });
`;

for (const moduleResolution of ['bundler', 'nodenext']) {
  test(`a stranger's strict TypeScript compiles (${moduleResolution})`, async () => {
    const source = join(folder, `types-${moduleResolution}`);
    await mkdir(source);
    await writeFile(join(source, 'main.ts'), PROGRAM);
    const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext';
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
      module,
      moduleResolution,
    };
    await writeFile(join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    await run(bin('tsc'), ['-p', source], folder).catch((error) => assert.fail(error.stdout));
  });
}
