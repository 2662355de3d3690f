/** What was found, as data and as text. It does not know how it was found. */

/**
 * How bad it is. `error`: it does not connect, or not as asked for, and this is why, or the likeliest cause. `possible`: a browser
 * cannot tell this cause from the one before. `warning`: it works, and may not tomorrow. `info`: good to know.
 */
export type Severity = 'error' | 'possible' | 'warning' | 'info';

export type FindingCode =
  | 'not-a-websocket-address'
  | 'mixed-content'
  | 'policy'
  | 'offline'
  | 'nothing-listens'
  | 'tcp-mqtt-port'
  | 'tls-not-trusted'
  | 'needs-tls'
  | 'no-tls'
  | 'no-upgrade'
  | 'wrong-path'
  | 'subprotocol'
  | 'no-mqtt'
  | 'no-connack'
  | 'closed-before-connack'
  | 'refused'
  | 'version-not-spoken'
  | 'identifier-taken'
  | 'subscription'
  | 'publish'
  | 'idle-timeout'
  | 'idle'
  | 'round-trip'
  | 'server'
  | 'options';

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** In a few words. */
  readonly title: string;
  /** What was seen, and what it means. */
  readonly detail: string;
  /** What to do, or how to find out more; empty where there is nothing to do. */
  readonly remedy: string;
}

/** What `diagnose` found, the worst and likeliest first. It holds no user name, password or query. */
export class Report {
  /** The address, without user, password, query and fragment. */
  readonly url: string;
  readonly findings: readonly Finding[];

  /** @internal */
  constructor(url: string, findings: readonly Finding[]) {
    this.url = url;
    this.findings = findings;
  }

  /** Nothing stands in the way. */
  get ok(): boolean {
    return this.findings.every(({ severity }) => severity !== 'error' && severity !== 'possible');
  }

  toString(): string {
    const head = `${this.url}: ${this.ok ? 'an MQTT client connects' : 'there is a problem'}`;
    const signs: Readonly<Record<Severity, string>> = { error: '✗', possible: '? or', warning: '!', info: '·' };
    const lines = this.findings.flatMap(({ severity, title, detail, remedy }) => [
      `${signs[severity]} ${title}`,
      `    ${detail}`,
      ...(remedy ? [`    → ${remedy}`] : []),
    ]);
    return [head, ...lines].join('\n');
  }

  toJSON(): { url: string; ok: boolean; findings: readonly Finding[] } {
    return { url: this.url, ok: this.ok, findings: this.findings };
  }
}
