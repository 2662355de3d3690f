/** How the dashboard in Solid is begun: in a page, in a page that a server has drawn, and on the server. */

import solid from 'vite-plugin-solid';

export const app = 'solid/App.jsx';
export const plugins = ({ development }) => [solid({ ssr: !development, dev: development, hot: development })];

export const browser = `
  import { createComponent } from 'solid-js';
  import { hydrate as take, render } from 'solid-js/web';
  import { App } from 'APP';
  export const mount = (root, client, linger) => render(() => createComponent(App, { client, linger }), root);
  export const hydrate = (root, client) => take(() => createComponent(App, { client }), root);
`;

export const server = `
  import { createComponent, generateHydrationScript, renderToString } from 'solid-js/web';
  import { App } from 'APP';
  export const render = async (client) =>
    ({ html: renderToString(() => createComponent(App, { client })), head: generateHydrationScript() });
`;
