/**
 * The installed package under content security policies, on a real broker: as strict as they can be, with Trusted Types, and that
 * of an extension. The policy is the server's, as headers.
 */

import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startSite } from '../support/site.mjs';
import { answering, application, html, moduleScript } from './application.mjs';
import { exchanges } from './exchange.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);
const dist = join(folder, 'node_modules/wasmqtt/dist');

/** What the package asks of a policy that forbids everything else. */
const LEAST = `default-src 'none'; img-src data:; connect-src 'self' ${broker.url}; worker-src 'self' blob:; base-uri 'none'`;
const SELF = `${LEAST}; script-src 'self' 'wasm-unsafe-eval'`;
const NONCE = `${LEAST}; script-src 'nonce-n' 'strict-dynamic' 'wasm-unsafe-eval'`;
const TRUSTED = "require-trusted-types-for 'script'; trusted-types";
const POLICIES = {
  strict: `${SELF}; ${TRUSTED} wasmqtt`,
  slim: `${SELF}; ${TRUSTED} wasmqtt`,
  unnamed: `${SELF}; require-trusted-types-for 'script'`,
  byDefault: `${SELF}; ${TRUSTED} default`,
  none: `${SELF}; ${TRUSTED} 'none'`,
  nonce: `${NONCE}; ${TRUSTED} wasmqtt`,
};
const modules = Object.fromEntries(
  ['strict', 'unnamed', 'byDefault', 'none'].map((name) => [`/${name}.html`, html(moduleScript('/app.js'))]),
);
const site = await startSite({
  folders: { lib: dist },
  pages: {
    ...modules,
    '/byDefault.html': html(`<script src="/policy.js"></script>${moduleScript('/app.js')}`),
    '/slim.html': html(moduleScript('/slim-app.js')),
    '/nonce.html': html(
      `<script nonce="n" src="/lib/wasmqtt.global.js"></script><script nonce="n">const { connect } = wasmqtt;${answering}</script>`,
    ),
    '/policy.js': "trustedTypes.createPolicy('default', { createScriptURL: (url) => url });",
    '/app.js': application('/lib/index.js'),
    '/slim-app.js': application('/lib/slim.js'),
  },
  headers: Object.fromEntries(
    Object.entries(POLICIES).map(([name, policy]) => [`/${name}.html`, { 'content-security-policy': policy }]),
  ),
});
const { pageTest } = await startBrowser({ site });

exchanges(pageTest, broker, { name: 'strict policy, Trusted Types', path: '/strict.html' });
const modes = ['in a worker'];
exchanges(pageTest, broker, { name: 'script with a nonce', path: '/nonce.html', modes: ['in a worker', 'shared'] });
exchanges(pageTest, broker, { name: 'strict policy, Trusted Types, slim', path: '/slim.html', modes });
exchanges(pageTest, broker, { name: 'Trusted Types of any name', path: '/unnamed.html', modes });
exchanges(pageTest, broker, {
  name: "Trusted Types by the page's own policy",
  path: '/byDefault.html',
  modes,
  // Chromium tells of the policy that is not allowed.
  always: [/policy/],
});
exchanges(pageTest, broker, {
  name: 'Trusted Types without any',
  path: '/none.html',
  modes: ['in a worker', 'shared'],
  workers: false,
  place: 'this-page',
  allowed: [/trusted/i],
});

const extension = join(folder, 'extension');
await mkdir(extension);
await cp(dist, join(extension, 'lib'), { recursive: true });
await writeFile(
  join(extension, 'manifest.json'),
  JSON.stringify({
    manifest_version: 3,
    name: 'dashboard',
    version: '1',
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
    background: { service_worker: 'background.js', type: 'module' },
  }),
);
const background = `import { connect } from './lib/index.js';
chrome.runtime.onMessage.addListener((url, _sender, answer) => {
  const client = connect(url);
  client.publish('from-page', 'BACKGROUND', { qos: 2 }).then(() => client.close()).then(() => answer('done'), (error) => answer(String(error)));
  return true;
});`;
await writeFile(join(extension, 'background.js'), background);
for (const entry of ['index', 'slim']) {
  await writeFile(join(extension, `${entry}-app.js`), application(`./lib/${entry}.js`));
  await writeFile(join(extension, `${entry}.html`), html(moduleScript(`${entry}-app.js`)));
}
await writeFile(join(extension, 'empty.html'), html(moduleScript('empty.js')));
await writeFile(join(extension, 'empty.js'), 'globalThis.loaded = true;');

const origin = { url: '' };
const extended = await startBrowser({ site: origin, extensions: true });
origin.url = `chrome-extension://${await extended.browser.installExtension(extension)}`;

for (const entry of ['index', 'slim']) {
  exchanges(extended.pageTest, broker, {
    name: `page of an extension, ${entry === 'index' ? 'wasmqtt' : 'wasmqtt/slim'}`,
    path: `/${entry}.html`,
    modes: entry === 'slim' ? modes : ['in the page', 'in a worker', 'session stored', 'shared'],
  });
}

extended.pageTest(
  'the background worker of an extension publishes',
  async ({ page }) => {
    const answer = await page.evaluate((url) => chrome.runtime.sendMessage(url), broker.url);
    assert.equal(answer, 'done');
  },
  { path: '/empty.html' },
);
