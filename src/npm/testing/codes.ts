/** Reason codes of 5.0 as 3.x says them. */

/** Connect Return codes (3.1.1, 3.2.2.3), by the reason codes that say the same; any other is "server unavailable". */
const RETURN_CODES: Readonly<Record<number, number>> = {
  0: 0,
  132: 1,
  133: 2,
  134: 4,
  135: 5,
  138: 5,
  140: 5,
};

/** Of CONNACK. */
export function code3(reasonCode: number): number {
  return RETURN_CODES[reasonCode] ?? 3;
}
