/** What a message is made of. Types alone. */

/** Quality of Service: at most once, at least once, exactly once. */
export type Qos = 0 | 1 | 2;

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
