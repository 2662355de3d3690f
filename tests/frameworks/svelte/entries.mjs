/** How the dashboard in Svelte is begun: in a page, in a page that a server has drawn, and on the server. */

import { svelte } from '@sveltejs/vite-plugin-svelte';

export const app = 'svelte/App.svelte';
export const plugins = () => [svelte({ configFile: false })];

export const browser = `
  import { hydrate as take, mount as begin, unmount } from 'svelte';
  import App from 'APP';
  export function mount(target, client, linger) {
    const app = begin(App, { target, props: { client, linger } });
    return () => unmount(app);
  }
  export const hydrate = (target, client) => take(App, { target, props: { client } });
`;

export const server = `
  import { render as draw } from 'svelte/server';
  import App from 'APP';
  export const render = async (client) => {
    const { body, head } = draw(App, { props: { client } });
    return { html: body, head };
  };
`;
