/** Promises of publishes that an application is given in place of the client's. */

import type { MqttError } from '../api/errors.js';
import type { Publishing, PublishResult } from '../api/types.js';

/** Settles as that does; what the application ended itself is no unhandled rejection here either. */
export function passedOn(publish: Promise<PublishResult>): Promise<PublishResult> {
  const passed = publish.then((result) => result);
  publish.catch((error: Partial<MqttError> | undefined) => {
    if (error?.code === 'aborted' || (error?.code === 'closed' && error.cause === undefined)) {
      passed.catch(ignore);
    }
  });
  return passed;
}

/** The publish that follows something else, with its `stored`. */
export function publishingOf(later: Promise<{ readonly publishing: Publishing }>): Publishing {
  const stored = later.then(({ publishing }) => publishing.stored);
  // The publish itself tells.
  stored.catch(ignore);
  return Object.assign(passedOn(later.then(({ publishing }) => publishing)), { stored });
}

export function ignore(): void {}
