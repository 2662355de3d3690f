/**
 * Addresses of scripts, as a page takes them that asks for Trusted Types. A policy's name may be used once, so it is made here
 * alone and given to what is loaded later. It does not know the scripts: all of them are the package's own.
 */

/** Where TypeScript has a string, as its own types do not know of Trusted Types. */
interface Policy {
  createScriptURL(url: string): string;
}

interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

export type Trusted = (url: string) => string;

let policy: Policy | undefined;

export function trusted(url: string): string {
  try {
    const { trustedTypes } = globalThis as { trustedTypes?: Factory };
    policy ??= trustedTypes?.createPolicy('wasmqtt', { createScriptURL: (own) => own });
  } catch {
    // The page does not allow it, but may have a policy for all addresses.
  }
  return policy?.createScriptURL(url) ?? url;
}
