/** What an application makes of the last message, made once for each. */

import type { Message } from '../api/types.js';
import { guarded } from './frames.js';
import type { Read } from './types.js';

export class Reading<T> {
  #message: Message | undefined;
  #read: Read<T> | undefined;
  /** It has been told of: a component may give another function in each render. */
  #unreadable: Message | undefined;
  #value: T | undefined;

  /** `undefined` without a message; what it was where `read` throws. */
  of(message: Message | undefined, read: Read<T>): T | undefined {
    if (message !== this.#message || read !== this.#read) {
      this.#message = message;
      this.#read = read;
      if (!message) {
        this.#value = undefined;
      } else if (message !== this.#unreadable) {
        this.#unreadable = message;
        guarded(() => {
          this.#value = read(message);
          this.#unreadable = undefined;
        });
      }
    }
    return this.#value;
  }
}

/** The payload as text: what is read where nobody says otherwise. */
export function text(message: Message): string {
  return message.text();
}
