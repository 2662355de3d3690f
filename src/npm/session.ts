/** What a page loads that has its session stored, and no other: the store, and an engine that tells what to store. */

export { open } from './session/port.js';
