/** Where errors are explained. It does not know which there are. */

/** The page that explains an error's code. */
export function explained(code: string): string {
  return `https://wasmqtt.github.io/wasmqtt/errors#${code}`;
}
