/**
 * For `node --import`: TypeDoc reads programs by the API of TypeScript 6, which 7 does not have. It gets it here.
 */

import { register } from 'node:module';

register(
  `data:text/javascript,${encodeURIComponent(`
    export const resolve = (name, context, next) => next(name === 'typescript' ? 'typescript-6.0' : name, context);
  `)}`,
  import.meta.url,
);
