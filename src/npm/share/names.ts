/** What the pages of one name know each other by. It does not know what they do. */

/** Of the messages: pages that speak another language do not meet. */
const LANGUAGE = 1;

export function groupOf(name: string): string {
  return `wasmqtt share ${LANGUAGE} ${name}`;
}

/** The channel of one who leads, or of a member. */
export function channelOf(group: string, id: string): string {
  return `${group} of ${id}`;
}

/** The Web Lock that a member holds as long as it is there. */
export function lockOf(group: string, id: string): string {
  return `${group} member ${id}`;
}

/** 128 bits that nobody else has. */
export function unique(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
