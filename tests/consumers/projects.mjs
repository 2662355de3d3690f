/**
 * What people write for each tool, as files, and the commands that they run. Each has a page for each entry of the package, `main`
 * and `slim`. It does not know the tests.
 */

import { html, moduleScript, startable } from '../package/application.mjs';

/**
 * @typedef {object} Way
 * @property {string} name
 * @property {string[][]} [before] programs that are run to their ends: the first word is one of `node_modules/.bin`, or `node`
 * @property {(port: string) => string[]} [serve] the program that serves then, or
 * @property {string} [folder] the folder that is served
 * @property {string} [path] of the pages, with `NAME` for theirs
 * @property {boolean} [rendered] on a server, or when it was built
 * @property {boolean} [carries] false where the files that the package names by `new URL(..., import.meta.url)` are not found, so that
 *   a page that shares leads
 * @property {string[]} [pages] those that there are
 * @property {Record<string, string>} [env]
 */

/**
 * @typedef {object} Project
 * @property {string} tool
 * @property {Record<string, string>} files
 * @property {Way[]} ways
 */

const HOST = '127.0.0.1';
const ENTRIES = { main: 'wasmqtt', slim: 'wasmqtt/slim' };

/** @param {(name: string) => Record<string, string>} files for each entry @param {string} [folder] of the application's modules */
const both = (files, folder = 'src') =>
  Object.assign(
    {},
    ...Object.entries(ENTRIES).map(([name, specifier]) => ({
      [`${folder}/${name}.js`]: startable(specifier),
      ...files(name),
    })),
  );

const START = (/** @type {string} */ name) => `import { start } from './src/${name}.js';\nstart();\n`;

/** A page for each entry, with a script beside it. */
const plain = both((name) => ({ [`${name}.html`]: html(moduleScript(`./${name}.js`)), [`${name}.js`]: START(name) }));

const viteDev = {
  name: 'dev',
  serve: (/** @type {string} */ port) => ['vite', '--host', HOST, '--port', port, '--strictPort'],
  path: '/NAME.html',
};

/** @param {string} tool @returns {Project} */
const vite = (tool) => ({
  tool,
  files: {
    ...plain,
    'excluding.config.js': "export default { optimizeDeps: { exclude: ['wasmqtt'] } };",
    'vite.config.js': `export default {
  build: { outDir: 'out', ROLL: { input: ['main.html', 'slim.html'] } },
};`.replace('ROLL', tool === 'Vite 7' ? 'rollupOptions' : 'rolldownOptions'),
  },
  ways: [
    { name: 'build', before: [['vite', 'build']], folder: 'out', path: '/NAME.html' },
    ...(tool === 'Vite 7'
      ? [
          // What it bundles beforehand has lost its files.
          { ...viteDev, carries: false, pages: ['main'] },
          {
            ...viteDev,
            name: 'dev, optimizeDeps.exclude',
            serve: (/** @type {string} */ port) => [...viteDev.serve(port), '--config', 'excluding.config.js'],
          },
        ]
      : [viteDev]),
  ],
});

/** @type {Project} */
const parcel = {
  tool: 'Parcel',
  files: plain,
  ways: [
    {
      name: 'build',
      before: [['parcel', 'build', 'main.html', 'slim.html', '--dist-dir', 'out', '--public-url', './', '--no-cache']],
      folder: 'out',
      path: '/NAME.html',
    },
  ],
};

/** @type {Project} */
const rspack = {
  tool: 'Rspack',
  files: {
    ...plain,
    'build.mjs': `import { rspack } from '@rspack/core';
rspack({
  mode: 'production',
  entry: { main: './main.js', slim: './slim.js' },
  output: { path: import.meta.dirname + '/out' },
  plugins: ['main', 'slim'].map((name) => new rspack.HtmlRspackPlugin({ filename: name + '.html', template: 'page.html', chunks: [name] })),
}, (error, stats) => {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString('errors-only'));
    process.exit(1);
  }
});`,
    'page.html': html(''),
  },
  ways: [{ name: 'build', before: [['node', 'build.mjs']], folder: 'out', path: '/NAME.html' }],
};

/** @type {Project} */
const next = {
  tool: 'Next.js',
  files: {
    'next.config.mjs': "export default { allowedDevOrigins: ['127.0.0.1'], turbopack: { root: import.meta.dirname } };",
    'public/favicon.ico': '',
    'app/layout.jsx': `export const metadata = { title: 'page' };
export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}`,
    ...both((name) => ({
      [`app/${name}/page.jsx`]: `'use client';
import { useEffect } from 'react';
import { rendered, start } from '../../src/${name}.js';
export default function Page() {
  useEffect(start, []);
  return <p>{rendered}</p>;
}`,
    })),
  },
  ways: [
    {
      name: 'build',
      before: [['next', 'build']],
      serve: (port) => ['next', 'start', '-H', HOST, '-p', port],
      rendered: true,
    },
    { name: 'dev', serve: (port) => ['next', 'dev', '-H', HOST, '-p', port], rendered: true },
    {
      name: 'build with webpack',
      before: [['next', 'build', '--webpack']],
      serve: (port) => ['next', 'start', '-H', HOST, '-p', port],
      rendered: true,
    },
  ],
};

const nuxtDev = {
  name: 'dev',
  serve: (/** @type {string} */ port) => ['nuxt', 'dev', '--host', HOST, '--port', port, '--no-fork'],
  rendered: true,
};

/** @type {Project} */
const nuxt = {
  tool: 'Nuxt',
  files: {
    'nuxt.config.js': `export default {
  telemetry: false,
  devtools: { enabled: false },
  compatibilityDate: '2026-01-01',
  ...(process.env.EXCLUDE && { vite: { optimizeDeps: { exclude: [process.env.EXCLUDE] } } }),
};`,
    'public/favicon.ico': '',
    'app/app.vue': '<template><NuxtPage /></template>',
    ...both((name) => ({
      [`app/pages/${name}.vue`]: `<script setup>
import { onMounted } from 'vue';
import { rendered, start } from '~~/src/${name}.js';
onMounted(start);
</script>
<template><p>{{ rendered }}</p></template>`,
    })),
  },
  ways: [
    {
      name: 'build',
      before: [['nuxt', 'build']],
      serve: () => ['node', '.output/server/index.mjs'],
      rendered: true,
    },
    { ...nuxtDev, carries: false, pages: ['main'] },
    { ...nuxtDev, name: 'dev, optimizeDeps.exclude', env: { EXCLUDE: 'wasmqtt' } },
  ],
};

/** @type {Project} */
const svelteKit = {
  tool: 'SvelteKit',
  files: {
    'vite.config.js': "import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };",
    'svelte.config.js':
      "import adapter from '@sveltejs/adapter-static';\nexport default { kit: { adapter: adapter() } };",
    'src/app.html':
      '<!doctype html><html lang="en"><head><link rel="icon" href="data:,">%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
    'src/routes/+layout.js': 'export const prerender = true;',
    'src/routes/+page.svelte': '<a href="/main">main</a><a href="/slim">slim</a>',
    ...both(
      (name) => ({
        [`src/routes/${name}/+page.svelte`]: `<script>
  import { onMount } from 'svelte';
  import { rendered, start } from '$lib/${name}.js';
  onMount(start);
</script>
<p>{rendered}</p>`,
      }),
      'src/lib',
    ),
  },
  ways: [
    {
      name: 'build',
      before: [['vite', 'build']],
      serve: (port) => ['vite', 'preview', '--host', HOST, '--port', port, '--strictPort'],
      rendered: true,
    },
    { name: 'dev', serve: (port) => ['vite', 'dev', '--host', HOST, '--port', port, '--strictPort'], rendered: true },
  ],
};

const angularDev = {
  name: 'dev',
  serve: (/** @type {string} */ port) => ['ng', 'serve', '--host', HOST, '--port', port],
  path: '/?NAME',
  carries: false,
};

/** @type {Project} */
const angular = {
  tool: 'Angular CLI',
  files: {
    'angular.json': JSON.stringify({
      version: 1,
      cli: { analytics: false, cache: { enabled: false } },
      projects: {
        app: {
          projectType: 'application',
          root: '',
          architect: {
            build: {
              builder: '@angular/build:application',
              options: {
                browser: 'src/entry.ts',
                index: 'src/index.html',
                tsConfig: 'tsconfig.json',
                outputPath: 'out',
                // For slim.
                assets: [{ glob: 'wasmqtt.wasm', input: 'node_modules/wasmqtt/dist', output: '.' }],
              },
            },
            serve: {
              builder: '@angular/build:dev-server',
              options: { buildTarget: 'app:build' },
              configurations: { excluding: { prebundle: { exclude: ['wasmqtt'] } } },
            },
          },
        },
      },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module: 'preserve',
        moduleResolution: 'bundler',
        strict: true,
        allowJs: true,
        types: [],
      },
      files: ['src/entry.ts'],
    }),
    'src/index.html':
      '<!doctype html><html lang="en"><head><base href="/"><title>page</title><link rel="icon" href="data:,"></head><body><app-root></app-root></body></html>',
    ...both(() => ({})),
    'src/entry.ts': `import { afterNextRender, Component } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';

@Component({ selector: 'app-root', template: '<p>dashboard</p>' })
class App {
  constructor() {
    afterNextRender(async () => {
      const { start } = await (location.search === '?slim' ? import('./slim.js') : import('./main.js'));
      start();
    });
  }
}
bootstrapApplication(App).catch((error) => console.error(error));`,
  },
  ways: [
    { name: 'build', before: [['ng', 'build']], folder: 'out/browser', path: '/index.html?NAME', carries: false },
    { ...angularDev, pages: ['main'] },
    {
      ...angularDev,
      name: 'dev, prebundle.exclude',
      serve: (port) => [...angularDev.serve(port), '--configuration', 'excluding'],
    },
  ],
};

/** @type {Project[]} */
export const PROJECTS = [vite('Vite 8'), vite('Vite 7'), parcel, rspack, next, nuxt, svelteKit, angular];
