/**
 * The site of the documentation in one command: set-up, the package whose types are the reference, the pages, the site. It
 * does not know what is in a page.
 */

import { parseArgs } from 'node:util';
import { main, PlainError } from './setup/say.mjs';
import { setup } from './setup.mjs';

const USAGE = `npm run docs [-- options]

  builds the site into target/site

  --dev          serves it on 127.0.0.1 instead, and follows what is written in docs
  --port NUMBER  with --dev: the port (default: the first that is free from 5173 on)
  --base PATH    the path below which it will be served (default: /)
  --help         this text`;

function options() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        dev: { type: 'boolean' },
        port: { type: 'string' },
        base: { type: 'string' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new PlainError(`${/** @type {Error} */ (error).message.split('. ')[0]}\n\n${USAGE}`);
  }
  const { dev = false, port = '0', base = '/', help = false } = values;
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw new PlainError(`'${port}' is not a port\n\n${USAGE}`);
  }
  if (!/^\/([\w.-]+\/)*$/.test(base)) {
    throw new PlainError(`'${base}' is not a path that begins and ends with '/'\n\n${USAGE}`);
  }
  return { dev, port: Number(port), base, help };
}

await main(async () => {
  const { dev, port, base, help } = options();
  if (help) {
    console.log(USAGE);
    return;
  }
  await setup({ browsers: false, broker: false, checks: false });
  const { build } = await import('./build.mjs');
  await build();
  const { buildSite, serveSite } = await import('./docs/site.mjs');
  if (!dev) {
    await buildSite({ base });
    return;
  }
  const { url, stop } = await serveSite({ port });
  console.log(`\nThe site: ${url}\nCtrl-C ends it.`);
  await new Promise((resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.once(signal, resolve);
    }
  });
  await stop();
  process.exit(0);
});
