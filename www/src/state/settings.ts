/**
 * What the connect form holds, and the options of `connect` made from it.
 * It does not connect; nothing of it is stored, the password least of all.
 */
import { signal } from '@preact/signals';
import type { ConnectOptions, QoS, Will } from 'wasmqtt';

export interface Settings {
  readonly place: 'embedded' | 'url';
  readonly url: string;
  readonly protocol: 'auto' | '5' | '4' | '3';
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly keepAlive: string;
  readonly cleanStart: boolean;
  readonly worker: boolean;
  readonly share: boolean;
  readonly sessionExpiry: string;
  readonly willTopic: string;
  readonly willPayload: string;
  readonly willQos: QoS;
  readonly willRetain: boolean;
  readonly willDelay: string;
}

export const settings = signal<Settings>({
  place: 'embedded',
  url: '',
  protocol: 'auto',
  clientId: '',
  username: '',
  password: '',
  keepAlive: '30',
  cleanStart: true,
  worker: false,
  share: false,
  sessionExpiry: '',
  willTopic: '',
  willPayload: '',
  willQos: 0,
  willRetain: false,
  willDelay: '',
});

export function change(part: Partial<Settings>): void {
  settings.value = { ...settings.value, ...part };
}

/** May the form's version turn out to be 5.0? */
export const mayBeFive = (form: Settings): boolean => form.protocol === 'auto' || form.protocol === '5';

export function optionsOf(form: Settings): ConnectOptions {
  const five = mayBeFive(form);
  const will = willOf(form, five);
  return {
    protocol: form.protocol === 'auto' ? 'auto' : (Number(form.protocol) as 3 | 4 | 5),
    keepAlive: Number(form.keepAlive),
    ...(form.share ? { share: true } : { cleanStart: form.cleanStart, worker: form.worker }),
    ...(form.clientId === '' ? {} : { clientId: form.clientId }),
    ...(form.username === '' ? {} : { username: form.username }),
    ...(form.password === '' ? {} : { password: form.password }),
    ...(five && form.sessionExpiry !== '' ? { sessionExpiry: Number(form.sessionExpiry) } : {}),
    ...(will === undefined ? {} : { will }),
  };
}

function willOf(form: Settings, five: boolean): Will | undefined {
  if (form.willTopic === '') return undefined;
  return {
    topic: form.willTopic,
    payload: form.willPayload,
    qos: form.willQos,
    retain: form.willRetain,
    ...(five && form.willDelay !== '' ? { delay: Number(form.willDelay) } : {}),
  };
}
