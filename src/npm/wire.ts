/** What is loaded when somebody listens to the packets of a client. */

export { Tap } from './wire/tap.js';
