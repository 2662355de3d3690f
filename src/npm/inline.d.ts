/** The WebAssembly as text, put in by the build: deflated (zlib), because base64 hides from gzip and brotli what they would find. */
declare module 'wasm:inline' {
  export const base64: string;
}
