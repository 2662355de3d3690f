/** The WebAssembly as text, put in by the build: deflated (zlib), because base64 hides from gzip and brotli what they would find. */
declare module 'wasm:inline' {
  export const base64: string;
}

/** As that: of the engine whose session is stored. */
declare module 'wasm:session' {
  export const base64: string;
}

/** Scripts of workers, as text. */
declare module 'worker:plain' {
  export const script: string;
}

declare module 'worker:session' {
  export const script: string;
}
