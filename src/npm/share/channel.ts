/** The channels among the pages of a group. It does not know what is said there. */

export class Channel extends BroadcastChannel {
  override postMessage(message: unknown): void {
    try {
      super.postMessage(message);
    } catch (error) {
      // Firefox closes those of a page that goes before `pagehide`: what was to be said there, the others find out.
      if ((error as DOMException).name !== 'InvalidStateError') {
        throw error;
      }
    }
  }
}
