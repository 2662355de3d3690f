/** WebAssembly out of the text that the build put in. It does not know what is in it. */

/**
 * By nothing but the stream's own ends, and compiled as bytes: in a test's idea of a browser neither `Blob` nor `Response`
 * can be counted on.
 */
export async function inflated(base64: string): Promise<WebAssembly.Module> {
  const text = atob(base64);
  const deflated = new Uint8Array(text.length);
  // Not by `Uint8Array.from`: it is twenty times slower.
  for (let at = 0; at < deflated.length; at += 1) {
    deflated[at] = text.charCodeAt(at);
  }
  const { readable, writable } = new DecompressionStream('deflate');
  const writer = writable.getWriter();
  // What is wrong with it is told by the other end, too.
  Promise.all([writer.write(deflated), writer.close()]).catch(() => {});
  const reader = readable.getReader();
  let bytes = new Uint8Array(ROOM);
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const { value } = next;
    if (length + value.length > bytes.length) {
      const more = new Uint8Array((length + value.length) * 2);
      more.set(bytes);
      bytes = more;
    }
    bytes.set(value, length);
    length += value.length;
  }
  return WebAssembly.compile(bytes.subarray(0, length));
}

/** Bytes that are enough, so far. */
const ROOM = 1 << 18;
