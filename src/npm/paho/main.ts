/** The names of Paho 1.1. */

export { Client } from './client.js';
export { Message } from './message.js';
export type * from './types.js';
