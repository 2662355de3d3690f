/**
 * A payload as text, as JSON and as hexadecimal, each within bounds, and text or hexadecimal as a payload.
 * It does not know messages.
 */
const STRICT = new TextDecoder('utf-8', { fatal: true });
const LENIENT = new TextDecoder();
const TEXT_LIMIT = 64 * 1024;
const HEX_LIMIT = 8 * 1024;
const ROW = 16;

export type PayloadView = 'text' | 'json' | 'hex';

export interface Shown {
  readonly text: string;
  /** What the reader should know: cut, not text, not JSON. */
  readonly note?: string;
}

/** One line for a list. */
export function preview(payload: Uint8Array, limit = 160): string {
  const text = LENIENT.decode(payload.length > limit * 4 ? payload.subarray(0, limit * 4) : payload);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.slice(0, limit).replace(/[\u0000-\u001f\u007f]/g, '·');
}

export function show(payload: Uint8Array, view: PayloadView): Shown {
  if (view === 'hex') return asHex(payload);
  return view === 'json' ? asJson(payload) : asText(payload);
}

function asText(payload: Uint8Array): Shown {
  const cut = payload.length > TEXT_LIMIT;
  const part = cut ? payload.subarray(0, TEXT_LIMIT) : payload;
  try {
    return withNote(STRICT.decode(part, { stream: false }), cut ? cutNote(TEXT_LIMIT, payload.length) : undefined);
  } catch {
    return withNote(
      LENIENT.decode(part),
      cut ? cutNote(TEXT_LIMIT, payload.length) : 'Not valid UTF-8: see the bytes as hex.',
    );
  }
}

function asJson(payload: Uint8Array): Shown {
  if (payload.length > TEXT_LIMIT * 16) return { ...asText(payload), note: 'Too long to be shown as JSON.' };
  try {
    const text = JSON.stringify(JSON.parse(STRICT.decode(payload)), null, 2);
    return text.length > TEXT_LIMIT ? withNote(text.slice(0, TEXT_LIMIT), cutNote(TEXT_LIMIT, text.length)) : { text };
  } catch {
    return { ...asText(payload), note: 'Not JSON: shown as text.' };
  }
}

function asHex(payload: Uint8Array): Shown {
  const lines: string[] = [];
  const end = Math.min(payload.length, HEX_LIMIT);
  for (let offset = 0; offset < end; offset += ROW) {
    const row = payload.subarray(offset, Math.min(offset + ROW, end));
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${offset.toString(16).padStart(4, '0')}  ${hex.padEnd(ROW * 3 - 1)}  ${ascii}`);
  }
  return withNote(lines.join('\n'), payload.length > end ? cutNote(HEX_LIMIT, payload.length) : undefined);
}

function withNote(text: string, note: string | undefined): Shown {
  return note === undefined ? { text } : { text, note };
}

const cutNote = (shown: number, all: number): string => `The first ${shown} of ${all} bytes.`;

/** Bytes written as hexadecimal digits, white space between them allowed; undefined when they are not that. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** `name: value`, one a line, as pairs; lines without a name are left out. */
export function parsePairs(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    const name = (colon < 0 ? line : line.slice(0, colon)).trim();
    return name === '' ? [] : [[name, colon < 0 ? '' : line.slice(colon + 1).trim()]];
  });
}
