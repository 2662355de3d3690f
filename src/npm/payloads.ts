/**
 * `wasmqtt/payloads`: values in place of bytes, checked by a schema and made of bytes by a codec; the last value of each topic
 * as a store; and publishing at most so often.
 */

export type { Subscribed, Subscriber } from './frameworks/feed.js';
export type { FilterOptions, Read } from './frameworks/types.js';
export { type Codec, json, text } from './payloads/codec.js';
export { PayloadError, type PayloadIssue } from './payloads/error.js';
export { type LastOptions, last, type Store } from './payloads/last.js';
export type { TypedMessage } from './payloads/message.js';
export { type Publisher, type Sampled, sampled } from './payloads/sampled.js';
export type { InputOf, OutputOf, SchemaIssue, SchemaResult, StandardSchema } from './payloads/schema.js';
export type { TypedIterator, TypedSubscription } from './payloads/subscription.js';
export { type Typed, type TypedHandler, type TypedOptions, type TypedPublishOptions, typed } from './payloads/typed.js';
