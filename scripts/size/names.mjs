/** Names of functions as Rust's compiler writes them: shorter, and the module that each is of. */

/** Its own crate's modules are told apart, other crates are each one. */
const OWN = 'wasmqtt::';

/**
 * A name without hashes, and without the crate's own name.
 *
 * @param {string} name
 */
export function shortName(name) {
  return plain(name).replaceAll(OWN, '') || '(no name)';
}

function plain(/** @type {string} */ name) {
  return name
    .replace(/\.\d+$/, '')
    .replace(/::h[0-9a-f]{16}$/, '')
    .replace(/\[[0-9a-f]{12,16}\]/g, '');
}

/**
 * The module of a function: for a trait's methods that of the type, or of the trait where the type is another crate's;
 * for what drops a value that of the value.
 *
 * @param {string} name as the compiler writes it
 */
export function moduleOf(name) {
  const text = plain(name);
  const dropped = /^core::ptr::drop_in_place<.*?(wasmqtt::[\w:]+)/.exec(text)?.[1];
  const trait = /^<(?!wasmqtt::)[^ ]* as (wasmqtt::[\w:]+)/.exec(text)?.[1];
  const path = dropped ?? trait ?? /^[<&]*(?:dyn |mut )*([a-z_]\w*(?:::\w+)*)/.exec(text)?.[1] ?? '';
  if (path.startsWith(OWN)) {
    const parts = path.slice(OWN.length).split('::');
    // Up to the first type or closure, else all of it before `<impl`, else up to the function.
    const type = parts.findIndex((part) => /^[A-Z_]/.test(part));
    const all = dropped !== undefined || text.startsWith('<') || text.startsWith(`${path}::<`);
    return parts.slice(0, type >= 0 ? type : all ? parts.length : -1).join('::') || 'lib';
  }
  if (path.includes('::') && !path.startsWith('_')) {
    return path.slice(0, path.indexOf('::'));
  }
  if (text.startsWith('<')) {
    return 'core';
  }
  // The exports, what the glue calls, and what the compiler or the optimiser has made.
  return /^engine_/.test(text)
    ? 'bindings, exports'
    : /^__(wbg|wbindgen|externref)/.test(text)
      ? 'wasm_bindgen'
      : 'other';
}
