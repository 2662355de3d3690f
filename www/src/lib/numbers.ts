/**
 * The numbers in a payload: itself when it is one, else the number fields of a JSON object, two levels deep.
 * It does not know time, topics or plots.
 */
const DECODER = new TextDecoder();
const LIMIT = 4 * 1024;
const MAX_FIELDS = 12;
const NUMBER = /^\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** Field names with their numbers; the name is empty when the whole payload is the number. */
export function numbersIn(payload: Uint8Array): [field: string, value: number][] {
  const first = payload[0];
  if (first === undefined || payload.length > LIMIT) return [];
  const text = DECODER.decode(payload);
  if (NUMBER.test(text)) return [['', Number(text)]];
  return first === 0x7b ? fieldsOf(parse(text)) : [];
}

function fieldsOf(value: unknown): [string, number][] {
  const fields: [string, number][] = [];
  if (!isRecord(value)) return fields;
  for (const [name, member] of Object.entries(value)) {
    if (isNumber(member)) fields.push([name, member]);
    else if (isRecord(member)) {
      for (const [inner, deep] of Object.entries(member)) if (isNumber(deep)) fields.push([`${name}.${inner}`, deep]);
    }
    if (fields.length >= MAX_FIELDS) break;
  }
  return fields.slice(0, MAX_FIELDS);
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON, or undefined. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
