/** How the dashboard in React is begun: in a page, in a page that a server has drawn, and on the server. */

import react from '@vitejs/plugin-react';

export const app = 'react/App.jsx';
export const plugins = () => [react()];

/** In StrictMode, which mounts everything twice while one develops. */
export const browser = `
  import { createElement, StrictMode } from 'react';
  import { createRoot, hydrateRoot } from 'react-dom/client';
  import { App } from 'APP';
  const tree = (client, linger) => createElement(StrictMode, null, createElement(App, { client, linger }));
  export function mount(root, client, linger) {
    const made = createRoot(root);
    made.render(tree(client, linger));
    return () => made.unmount();
  }
  export const hydrate = (root, client) => hydrateRoot(root, tree(client));
`;

export const server = `
  import { createElement, StrictMode } from 'react';
  import { renderToString } from 'react-dom/server';
  import { App } from 'APP';
  export const render = async (client) =>
    ({ html: renderToString(createElement(StrictMode, null, createElement(App, { client }))), head: '' });
`;
