/** What has the engine ready before the first client needs it. It does not know where it comes from. */

import { rejected } from './deferred.js';
import { notLoaded } from './opening.js';

/** Rejects as a client would that could not be made. */
export function preloading(loading: Promise<void>): Promise<void> {
  return loading.catch((cause) => rejected(notLoaded(cause)));
}
