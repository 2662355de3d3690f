/** How the dashboard in Angular is begun: in a page, in a page that a server has drawn, and on the server. */

export const app = 'angular/App.ts';

/** Decorators as Angular has them; templates are compiled where they run. */
export const plugins = () => [
  {
    name: 'decorators',
    config: () => ({ oxc: { decorator: { legacy: true } }, define: { ngDevMode: 'false' } }),
  },
];

export const browser = `
  import '@angular/compiler';
  import { provideZonelessChangeDetection } from '@angular/core';
  import { bootstrapApplication, provideClientHydration } from '@angular/platform-browser';
  import { provideMqtt } from 'wasmqtt/angular';
  import { App } from 'APP';
  const begin = (client, linger, ...more) =>
    bootstrapApplication(App, { providers: [provideZonelessChangeDetection(), provideMqtt(client, { linger }), ...more] });
  export function mount(root, client, linger) {
    root.innerHTML = '<app-root></app-root>';
    const begun = begin(client, linger);
    return () => begun.then((application) => application.destroy());
  }
  export const hydrate = (root, client) => begin(client, undefined, provideClientHydration());
`;

export const server = `
  import '@angular/compiler';
  import { enableProdMode, provideZonelessChangeDetection } from '@angular/core';
  import { bootstrapApplication, provideClientHydration } from '@angular/platform-browser';
  import { provideServerRendering, renderApplication } from '@angular/platform-server';
  import { provideMqtt } from 'wasmqtt/angular';
  import { App } from 'APP';
  enableProdMode();
  export async function render(client) {
    const providers = [provideZonelessChangeDetection(), provideServerRendering(), provideClientHydration(), provideMqtt(client)];
    const page = await renderApplication((context) => bootstrapApplication(App, { providers }, context), {
      document: '<!doctype html><html><head></head><body><app-root></app-root></body></html>',
      url: '/',
    });
    const [, body] = /<body[^>]*>(.*)<\\/body>/s.exec(page);
    // It says that nobody has changed what follows.
    return { html: body.replace('<!--nghm-->', ''), head: '', start: '<!--nghm-->' };
  }
`;
