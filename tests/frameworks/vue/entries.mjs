/** How the dashboard in Vue is begun: in a page, in a page that a server has drawn, and on the server. */

import vue from '@vitejs/plugin-vue';

export const app = 'vue/App.vue';
export const plugins = () => [vue()];

export const browser = `
  import { createApp, createSSRApp } from 'vue';
  import { createMqtt } from 'wasmqtt/vue';
  import App from 'APP';
  export function mount(root, client, linger) {
    const app = createApp(App).use(createMqtt(client, { linger }));
    app.mount(root);
    return () => app.unmount();
  }
  export const hydrate = (root, client) => createSSRApp(App, { client }).mount(root);
`;

export const server = `
  import { createSSRApp } from 'vue';
  import { renderToString } from 'vue/server-renderer';
  import App from 'APP';
  export const render = async (client) => ({ html: await renderToString(createSSRApp(App, { client })), head: '' });
`;
