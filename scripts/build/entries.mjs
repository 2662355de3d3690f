/** The modules of the package, and which lies in which file. It does not know how they are made. */

/** With the whole client inside; each has declarations. */
export const MODULES = ['index', 'slim'];

/** What those load when they are first needed. */
export const PARTS = ['session', 'worker', 'worker-session', 'share', 'share-worker'];

/**
 * Modules for who imports them, each with declarations: `wasmqtt/NAME` is `src/npm/NAME.ts`. They leave the client
 * outside: what they import of `index` is that of the file beside them.
 *
 * @type {string[]}
 */
export const ADDONS = [];
