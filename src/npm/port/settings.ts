/** The settings of an engine, which `src/bindings/settings.rs` reads. It does not know what they do. */

import { encode } from './bytes.js';

/** Of the records; the last one holds. */
const CLIENT_ID = 2;

/** Settings with that client identifier, whatever they said. */
export function withClientId(settings: Uint8Array, clientId: string): Uint8Array {
  const id = encode(clientId);
  const all = new Uint8Array(settings.length + 9 + id.length);
  all.set(settings);
  all[settings.length] = CLIENT_ID;
  new DataView(all.buffer).setUint32(settings.length + 5, id.length);
  all.set(id, settings.length + 9);
  return all;
}
