/**
 * The public programs, each with the one line of it that is changed, and what it is built with. They are fetched, and are no part
 * of this project. It does not know what is done in them.
 */

const EMQX = {
  name: 'emqx-examples',
  repository: 'emqx/MQTT-Client-Examples',
  commit: 'cec33ab537cee616a022bf13bef12edfd4d861ba',
  needs: 'mqtt-client-WebSocket/ws-mqtt.html',
};

const VITE = { vite: '5.4.21' };

/** In place of a build by tools that today's Node does not run. @param {string} plugins @param {string} more @param {string} imports */
const viteConfig = (imports, plugins, more) => `${imports}
export default { base: './', plugins: [${plugins}], ${more} };
`;

/** @param {string} root @param {string} entry */
const page = (root, entry) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<link rel="icon" href="data:,"><div id="${root}"></div><script type="module" src="${entry}"></script></html>
`;

/**
 * @typedef {object} Program
 * @property {string} id its driver's name
 * @property {string} name
 * @property {string} framework
 * @property {{ name: string, repository: string, commit: string, needs: string }} source
 * @property {string} folder of it
 * @property {string} file in which a line is changed
 * @property {string} from
 * @property {string} to
 * @property {{ file: string, from: string, to: string }} [also] another line that has to be changed
 * @property {Record<string, string>} [packages] that are installed
 * @property {Record<string, string>} [files] more of them
 * @property {string[]} [build] the program of `node_modules/.bin` that builds it, with its arguments
 * @property {Record<string, string>} [env]
 * @property {string} [out] the folder that is served
 * @property {string} [path] of the page
 */

/** @type {Program[]} */
export const PROGRAMS = [
  {
    id: 'plain',
    name: 'EMQX, WebSocket page',
    framework: 'none',
    source: EMQX,
    folder: 'mqtt-client-WebSocket',
    file: 'ws-mqtt.html',
    from: '<script src="https://unpkg.com/mqtt@5.15.2/dist/mqtt.min.js"></script>',
    to: '<script src="/mqttjs.global.js"></script>',
    path: '/ws-mqtt.html',
  },
  {
    id: 'simple',
    name: 'tigoe, simple client',
    framework: 'none',
    source: {
      name: 'tigoe-examples',
      repository: 'tigoe/mqtt-examples',
      commit: '61b5bccfd0da1f6f60af21fda24695584b7e6b9a',
      needs: 'browser-clients/mqttjs/mqttjs-client-simple/script.js',
    },
    folder: 'browser-clients/mqttjs/mqttjs-client-simple',
    file: 'index.html',
    from: '<script src="https://cdnjs.cloudflare.com/ajax/libs/mqtt/5.10.3/mqtt.min.js"></script><script src="script.js"></script>',
    to: '<script src="/mqttjs.global.js"></script><script src="script.js"></script>',
  },
  {
    id: 'vue',
    name: 'EMQX, Vue 3',
    framework: 'Vue 3, element-plus',
    source: EMQX,
    folder: 'mqtt-client-Vue3.js',
    file: 'src/components/MqttDemo.vue',
    from: 'import * as mqtt from "mqtt/dist/mqtt.min";',
    to: 'import * as mqtt from "wasmqtt/mqttjs";',
    packages: {
      ...VITE,
      '@vitejs/plugin-vue': '5.2.4',
      vue: '3.5.45',
      'element-plus': '2.14.8',
      mqtt: '4.3.8',
    },
    build: ['vite', 'build'],
    out: 'dist',
  },
  {
    id: 'vue',
    name: 'EMQX, Vue 2',
    framework: 'Vue 2, element-ui',
    source: EMQX,
    folder: 'mqtt-client-Vue.js',
    file: 'src/views/Home.vue',
    from: "import mqtt from 'mqtt'",
    to: "import mqtt from 'wasmqtt/mqttjs'",
    packages: {
      ...VITE,
      '@vitejs/plugin-vue2': '2.3.4',
      vue: '2.7.16',
      'element-ui': '2.15.14',
      sass: '1.77.8',
      mqtt: '4.3.8',
    },
    files: {
      'index.html': page('app', '/src/main.js'),
      'vite.config.mjs': viteConfig(
        "import vue from '@vitejs/plugin-vue2';",
        'vue()',
        "resolve: { extensions: ['.js', '.vue'], alias: { mqtt: 'mqtt/dist/mqtt.min.js' } }",
      ),
    },
    build: ['vite', 'build'],
    out: 'dist',
  },
  ...['Hook', 'Class'].map((kind) => ({
    id: 'react',
    name: `EMQX, React, ${kind === 'Hook' ? 'hooks' : 'classes'}`,
    framework: 'React 18, antd',
    source: EMQX,
    folder: 'mqtt-client-React',
    file: `src/components/${kind}/index.js`,
    from: "import mqtt from 'mqtt'",
    to: "import mqtt from 'wasmqtt/mqttjs'",
    packages: { ...VITE, react: '18.3.1', 'react-dom': '18.3.1', antd: '4.24.16', mqtt: '4.3.8' },
    files: {
      'index.html': page('root', '/main.jsx'),
      'main.jsx': `import React from 'react';
import { createRoot } from 'react-dom/client';
import Program from './src/components/${kind}';
createRoot(document.getElementById('root')).render(<Program />);
`,
      'vite.config.mjs': viteConfig(
        '',
        '',
        "esbuild: { loader: 'jsx', include: /\\.jsx?$/, exclude: /node_modules/ }, resolve: { alias: { mqtt: 'mqtt/dist/mqtt.min.js' } }",
      ),
    },
    build: ['vite', 'build'],
    out: 'dist',
  })),
  {
    id: 'monitor',
    name: '4refr0nt, MQTT monitor',
    framework: 'Svelte 3, sveltestrap',
    source: {
      name: 'svelte-mqtt-monitor',
      repository: '4refr0nt/svelte-mqtt-monitor',
      commit: 'b53862814f779a21b00d4a75163fdbadf731e748',
      needs: 'src/App.svelte',
    },
    folder: '.',
    file: 'src/App.svelte',
    from: "import mqtt from 'mqtt/dist/mqtt.min';",
    to: "import mqtt from 'wasmqtt/mqttjs';",
    // What is loaded when it is first used has to be in the one file that it asks for.
    also: { file: 'rollup.config.js', from: "format: 'iife',", to: "format: 'iife', inlineDynamicImports: true," },
    packages: {
      '@rollup/plugin-commonjs': '14.0.0',
      '@rollup/plugin-node-resolve': '8.4.0',
      '@rollup/plugin-replace': '2.3.3',
      dotenv: '8.2.0',
      rollup: '2.80.0',
      'rollup-plugin-bundle-size': '1.0.3',
      'rollup-plugin-livereload': '1.3.0',
      'rollup-plugin-svelte': '5.2.3',
      'rollup-plugin-terser': '7.0.2',
      svelte: '3.24.0',
      'svelte-icons': '2.1.0',
      sveltestrap: '3.5.0',
      moment: '2.27.0',
      mqtt: '4.3.8',
    },
    build: ['rollup', '-c'],
    env: {
      DEVICE_ID: '888',
      MQTT_PROTOCOL: 'wss',
      MQTT_HOST: 'test.mosquitto.org',
      MQTT_PORT: '8081',
      MQTT_PATH: 'ws',
      MQTT_SUBSCRIBE_TOPIC: '/test/#',
      MQTT_MAX_MESSAGES: '100',
      DATE_FORMAT: 'DD.MM.YYYY hh:mm:ss',
    },
    out: 'public',
  },
  {
    id: 'presence',
    name: 'MQTT.js, its example',
    framework: 'Vue 3, Vite 4',
    source: {
      name: 'mqttjs',
      repository: 'mqttjs/MQTT.js',
      commit: 'ab2ed39e306c5be18e2ac73c05f758f677a1a0c6',
      needs: 'test/node/abstract_client.ts',
    },
    folder: 'examples/vite-example',
    file: 'src/App.vue',
    from: "import mqtt from 'mqtt'",
    to: "import mqtt from 'wasmqtt/mqttjs'",
    packages: { vite: '4.5.14', '@vitejs/plugin-vue': '4.6.2', vue: '3.5.45', mqtt: '5.16.0' },
    build: ['vite', 'build'],
    out: 'dist',
  },
];
