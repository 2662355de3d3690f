/**
 * What the demo's server says about itself in `/config.json`, and its control endpoint.
 * It does not know MQTT; without that server (a page on any other) the scenes say so and the rest works.
 */
import { signal } from '@preact/signals';

export interface Config {
  readonly webSocketUrl: string;
  readonly broker: { readonly name: string; readonly version: string };
  /** The protocol levels the embedded broker speaks. */
  readonly features: { readonly protocols: readonly number[]; readonly control: boolean };
}

export const config = signal<Config | undefined>(undefined);

export async function loadConfig(): Promise<void> {
  try {
    const response = await fetch('/config.json');
    if (response.ok) config.value = (await response.json()) as Config;
  } catch {
    config.value = undefined;
  }
}

/** Asks the demo's server to do something to the world outside of the page. */
export async function control(
  action: 'kill-device' | 'revive-device' | 'network' | 'load',
  body: object,
): Promise<void> {
  const response = await fetch(`/control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The demo's server answered ${response.status} to ${action}`);
}
