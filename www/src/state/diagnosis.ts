/**
 * What the doctor of the package finds for what the form says. It is loaded when it is first asked for.
 * It does not draw anything.
 */
import { signal } from '@preact/signals';
import type { Report } from 'wasmqtt/doctor';
import { announce } from './announcer.js';
import { config } from './config.js';
import { describe, whenConnecting } from './connection.js';
import { optionsOf, type Settings } from './settings.js';

export type Diagnosis = 'running' | Report | { readonly failed: string };

export const diagnosis = signal<Diagnosis | undefined>(undefined);

// What was found may be true no more.
whenConnecting(() => {
  if (diagnosis.value !== 'running') diagnosis.value = undefined;
});

export async function examine(form: Settings): Promise<void> {
  if (diagnosis.value === 'running') return;
  diagnosis.value = 'running';
  announce('The doctor is looking');
  try {
    const { diagnose } = await import('wasmqtt/doctor');
    const report = await diagnose(
      (form.place === 'embedded' ? config.value?.webSocketUrl : form.url) ?? '',
      optionsOf(form),
    );
    diagnosis.value = report;
    announce(report.findings[0]?.title ?? '');
  } catch (error) {
    diagnosis.value = { failed: describe(error) };
  }
}
