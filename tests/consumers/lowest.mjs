/**
 * The oldest version of each framework that the package is said to work with, and a page in it: what it shows of the connection and of
 * a topic, in three components, and a button that publishes. It does not know the tests.
 */

/**
 * @typedef {object} Lowest
 * @property {string} framework of the package's peers
 * @property {Record<string, string>} packages
 * @property {Record<string, string>} files `main.js` begins, with `make`, which makes the client, in scope of the page
 */

/** @type {Record<string, Lowest>} */
export const LOWEST = {
  'React 18.0': {
    framework: 'react',
    packages: { react: '18.0.0', 'react-dom': '18.0.0' },
    files: {
      'main.js': `import { createElement as h, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { MqttProvider, usePublish, useStatus, useTopic } from 'wasmqtt/react';
const Gauge = () => h('output', null, useTopic('plant/1/temperature', (message) => message.text()));
const State = () => h('p', { id: 'state' }, useStatus().state);
const Lamp = () => {
  const publish = usePublish();
  return h('button', { onClick: () => publish('from-page', 'on', { qos: 1 }) });
};
const parts = [State, Gauge, Gauge, Gauge, Lamp].map((part, key) => h(part, { key }));
createRoot(document.querySelector('#root')).render(h(StrictMode, null, h(MqttProvider, { client: make }, parts)));
`,
    },
  },
  'Vue 3.4': {
    framework: 'vue',
    packages: { vue: '3.4.0' },
    files: {
      'main.js': `import { createApp, defineComponent, h } from 'vue';
import { provideMqtt, usePublish, useStatus, useTopic } from 'wasmqtt/vue';
const Gauge = defineComponent({ setup() {
  const text = useTopic('plant/1/temperature', (message) => message.text());
  return () => h('output', text.value);
} });
const State = defineComponent({ setup() {
  const status = useStatus();
  return () => h('p', { id: 'state' }, status.value.state);
} });
const Lamp = defineComponent({ setup() {
  const publish = usePublish();
  return () => h('button', { onClick: () => publish('from-page', 'on', { qos: 1 }) });
} });
createApp({ setup() {
  provideMqtt(make);
  return () => [State, Gauge, Gauge, Gauge, Lamp].map((part) => h(part));
} }).mount('#root');
`,
    },
  },
  'Svelte 4.0': {
    framework: 'svelte',
    packages: { svelte: '4.0.0' },
    files: {
      'main.js': `import App from './App.svelte';
new App({ target: document.querySelector('#root') });
`,
      'App.svelte': `<script>
import { provideMqtt, usePublish, useStatus } from 'wasmqtt/svelte';
import Gauge from './Gauge.svelte';
provideMqtt(globalThis.make);
const status = useStatus();
const publish = usePublish();
</script>
<p id="state">{$status.state}</p><Gauge /><Gauge /><Gauge />
<button on:click={() => publish('from-page', 'on', { qos: 1 })}></button>
`,
      'Gauge.svelte': `<script>
import { useTopic } from 'wasmqtt/svelte';
const text = useTopic('plant/1/temperature', (message) => message.text());
</script>
<output>{$text ?? ''}</output>
`,
    },
  },
  'Solid 1.8': {
    framework: 'solid-js',
    packages: { 'solid-js': '1.8.0' },
    files: {
      'main.js': `import { createComponent, createEffect } from 'solid-js';
import { render } from 'solid-js/web';
import { MqttProvider, usePublish, useStatus, useTopic } from 'wasmqtt/solid';
const shown = (tag, id, text) => {
  const element = Object.assign(document.createElement(tag), { id });
  createEffect(() => { element.textContent = text() ?? ''; });
  return element;
};
const Gauge = () => shown('output', '', useTopic('plant/1/temperature', (message) => message.text()));
const State = () => {
  const status = useStatus();
  return shown('p', 'state', () => status().state);
};
const Lamp = () => {
  const publish = usePublish();
  return Object.assign(document.createElement('button'), { onclick: () => publish('from-page', 'on', { qos: 1 }) });
};
const children = () => [State, Gauge, Gauge, Gauge, Lamp].map((part) => createComponent(part, {}));
render(
  () => createComponent(MqttProvider, { client: make, get children() { return children(); } }),
  document.querySelector('#root'),
);
`,
    },
  },
  'Angular 19.0': {
    framework: '@angular/core',
    packages: {
      '@angular/common': '19.0.0',
      '@angular/compiler': '19.0.0',
      '@angular/core': '19.0.0',
      '@angular/platform-browser': '19.0.0',
      rxjs: '7.8.2',
    },
    files: {
      'main.js': `import '@angular/compiler';
import { Component, provideExperimentalZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { injectPublish, injectStatus, injectTopic, provideMqtt } from 'wasmqtt/angular';
const Gauge = Component({ selector: 'app-gauge', template: '<output>{{ text() }}</output>' })(class {
  text = injectTopic('plant/1/temperature', (message) => message.text());
});
const App = Component({
  selector: '#root',
  imports: [Gauge],
  template: \`<p id="state">{{ status().state }}</p><app-gauge /><app-gauge /><app-gauge />
    <button (click)="publish('from-page', 'on', { qos: 1 })"></button>\`,
})(class {
  status = injectStatus();
  publish = injectPublish();
});
bootstrapApplication(App, { providers: [provideExperimentalZonelessChangeDetection(), provideMqtt(make)] });
`,
    },
  },
};
