/**
 * Numbers, times and codes as people read them.
 * It does not know where they come from, and never throws.
 */
const INTEGER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const ONE_DIGIT = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UP_TO_THREE = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const UNITS = ['B', 'kB', 'MB', 'GB'];

export const integer = (value: number): string => INTEGER.format(value);

/** A measured value with three digits after the point at most. */
export const measured = (value: number): string => UP_TO_THREE.format(value);

/** A value as a device wrote it: its digits are kept, and grouped when it is a number. */
export function written(text: string): string {
  const digits = /^-?\d+(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (digits === null) return text;
  const places = digits[1]?.length ?? 0;
  return Number(text).toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
}

export function rate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? ONE_DIGIT.format(perSecond) : INTEGER.format(perSecond);
}

export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? INTEGER.format(value) : ONE_DIGIT.format(value)} ${UNITS[unit]}`;
}

export function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${INTEGER.format(ms / 1_000)} s`;
  if (ms >= 1_000) return `${ONE_DIGIT.format(ms / 1_000)} s`;
  return ms < 10 ? `${ONE_DIGIT.format(ms)} ms` : `${INTEGER.format(ms)} ms`;
}

/** Seconds, as the protocol counts them. */
export function seconds(count: number): string {
  if (count === 0xffff_ffff) return 'never';
  if (count >= 7_200) return `${INTEGER.format(count / 3_600)} h`;
  if (count >= 180) return `${INTEGER.format(count / 60)} min`;
  return `${INTEGER.format(count)} s`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Time of day with milliseconds. */
export function clock(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const VERSIONS: Record<number, string> = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5.0' };

export const versionName = (protocol: number): string => VERSIONS[protocol] ?? `protocol ${protocol}`;

const REASONS: Record<number, string> = {
  0x00: 'success',
  0x10: 'nobody subscribes',
  0x80: 'unspecified error',
  0x83: 'implementation specific error',
  0x87: 'not authorized',
  0x8f: 'topic filter invalid',
  0x90: 'topic name invalid',
  0x91: 'packet identifier in use',
  0x97: 'quota exceeded',
  0x99: 'payload format invalid',
  0x9e: 'shared subscriptions not supported',
  0xa2: 'wildcard subscriptions not supported',
};

export function reason(code: number): string {
  const hex = `0x${code.toString(16).padStart(2, '0')}`;
  const name = REASONS[code];
  return name === undefined ? hex : `${hex} ${name}`;
}
