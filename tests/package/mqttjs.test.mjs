/**
 * One program in TypeScript compiles against MQTT.js and, with its one line of import changed, against `wasmqtt/mqttjs`: with
 * Node's types, where a payload is a Buffer, and without them. What it does at run time is not looked at.
 */

import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/site.mjs';
import { install, pack, run } from './stranger.mjs';

const folder = await install((await pack()).tarball);
const program = await readFile(join(ROOT, 'tests/package/mqttjs/program.ts'), 'utf8');
// Of the project: what a page's own project would have beside it.
await symlink(join(ROOT, 'node_modules/mqtt'), join(folder, 'node_modules/mqtt'));
await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
await symlink(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));

/** @param {string} name @param {string} text @param {{ types: string[], lax?: boolean }} options */
async function compile(name, text, { types, lax = false }) {
  const source = join(folder, name);
  await mkdir(source);
  await writeFile(join(source, 'program.ts'), text);
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: lax,
    noEmit: true,
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types,
    module: 'esnext',
    moduleResolution: 'bundler',
  };
  await writeFile(join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', source], folder).catch((error) => assert.fail(error.stdout));
}

const changed = program.replace("from 'mqtt'", "from 'wasmqtt/mqttjs'");

test('the program compiles against MQTT.js', () => compile('original', program, { types: ['node'], lax: true }));

test('and, with one line changed, against wasmqtt/mqttjs', () => compile('changed', changed, { types: ['node'] }));

test("without Node's types too, where it names no Buffer", () =>
  compile('page', changed.replace('Buffer.from(', 'new TextEncoder().encode(').replace('payload: Buffer', 'payload'), {
    types: [],
  }));

test('a program compiles whose callbacks are as MQTT.js 4 types them', () =>
  compile(
    'four',
    `import * as mqtt from 'wasmqtt/mqttjs';
    let client = { connected: false } as mqtt.MqttClient;
    client = mqtt.connect('ws://broker.example', { clean: true, reconnectPeriod: 4000 });
    const qos: mqtt.QoS = 1;
    client.subscribe('a', { qos }, (error: Error, granted: mqtt.ISubscriptionGrant[]) => console.log(error, granted[0]?.qos));
    client.unsubscribe('a', { qos }, (error) => console.log(error));`,
    { types: [] },
  ));
