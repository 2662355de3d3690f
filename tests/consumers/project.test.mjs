/**
 * One project, named by the environment: the packed package is installed beside its tool, built and served in each of its ways, and
 * exchanges messages in a real browser through a real broker.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchanges } from '../package/exchange.mjs';
import { startBrowser } from '../support/browser.mjs';
import { owned } from '../support/children.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts, HOST } from '../support/net.mjs';
import { startSite } from '../support/site.mjs';
import { PROJECTS } from './projects.mjs';
import { done, env, LIMIT, workspace } from './workspace.mjs';

const project = PROJECTS.find(({ tool }) => tool === process.env.WASMQTT_CONSUMER);
assert.ok(project, 'WASMQTT_CONSUMER names no project');
const folder = await workspace(project.tool, project.files);

const program = (/** @type {string} */ name) =>
  name === 'npm' ? name : name === 'node' ? process.execPath : join(folder, 'node_modules/.bin', name);

/** Ends the server that runs. */
let stop = async () => {};
atEnd(() => stop());

/** The address of a server that a command starts. @param {(port: string) => string[]} serve @param {Record<string, string>} [more] */
async function served(serve, more) {
  const [port = 0] = await freePorts(1);
  const [name = '', ...args] = serve(String(port));
  const options = { cwd: folder, env: { ...env, ...more, PORT: String(port), HOST }, detached: true };
  const child = owned(spawn(program(name), args, options));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const ended = once(child, 'exit');
  stop = async () => {
    stop = async () => {};
    if (child.exitCode === null && child.pid) {
      // Its own processes with it.
      process.kill(-child.pid, 'SIGTERM');
      const late = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 5_000);
      await ended;
      clearTimeout(late);
    }
  };
  const url = `http://${HOST}:${port}`;
  const giveUp = AbortSignal.timeout(LIMIT);
  while (!(await fetch(url, { signal: giveUp }).catch(() => undefined))) {
    assert.ok(child.exitCode === null && !giveUp.aborted, `${name} ${args.join(' ')}:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url };
}

const broker = await startMosquitto();
const site = { url: '' };
const { pageTest } = await startBrowser({ site });

for (const way of project.ways) {
  const {
    name,
    before = [],
    serve,
    folder: out,
    path = '/NAME',
    rendered,
    carries = true,
    pages = ['main', 'slim'],
  } = way;
  const said = `${project.tool}, ${name}`;
  test(`it is built and served: ${said}`, { timeout: LIMIT }, async () => {
    site.url = '';
    await stop();
    for (const [command = '', ...args] of before) {
      await done(folder, program(command), args);
    }
    const server = serve ? await served(serve, way.env) : await startSite({ root: join(folder, out ?? '') });
    site.url = server.url;
    for (const page of pages) {
      // The first answer of a server for developers takes long.
      const response = await fetch(server.url + path.replace('NAME', page), { signal: AbortSignal.timeout(LIMIT) });
      const text = await response.text();
      assert.ok(response.ok, `${response.status} ${text}`);
      assert.ok(!rendered || text.includes('connect is a function'), text);
    }
  });
  for (const page of pages) {
    exchanges(pageTest, broker, {
      name: `${said}, wasmqtt${page === 'main' ? '' : '/slim'}`,
      path: path.replace('NAME', page),
      ...(!carries && { place: 'this-page', allowed: [/404/] }),
    });
  }
}
