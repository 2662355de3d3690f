/**
 * Why it does not connect: a button, and what the doctor says, the likeliest first.
 * It does not know how that is found out.
 */
import type { Finding, Report, Severity } from 'wasmqtt/doctor';
import { diagnosis, examine } from '../state/diagnosis.js';
import { settings } from '../state/settings.js';

const SEVERITIES: Record<Severity, string> = {
  error: 'Problem',
  possible: 'Or',
  warning: 'Warning',
  info: 'Good to know',
};

export function Doctor({ troubled }: { troubled: boolean }) {
  const found = diagnosis.value;
  const running = found === 'running';
  return (
    <div class="doctor" id="doctor">
      <button
        type="button"
        class={troubled ? 'primary' : ''}
        aria-disabled={running}
        onClick={() => void examine(settings.value)}
      >
        {running ? 'Looking…' : troubled ? 'Why does it not connect?' : 'Examine the connection'}
      </button>
      {found !== undefined &&
        found !== 'running' &&
        ('failed' in found ? <p>{found.failed}</p> : <Says report={found} />)}
    </div>
  );
}

function Says({ report }: { report: Report }) {
  return (
    <section aria-label="What the doctor says">
      <p class="note">
        <code>{report.url}</code>: {report.ok ? 'a client connects' : 'there is a problem'}
      </p>
      <ol class="findings">
        {report.findings.map((finding) => (
          <Item key={finding.code + finding.title} finding={finding} />
        ))}
      </ol>
    </section>
  );
}

function Item({ finding: { severity, title, detail, remedy } }: { finding: Finding }) {
  return (
    <li data-severity={severity}>
      <p class="title">
        <span class="severity">{SEVERITIES[severity]}</span> {title}
      </p>
      <p class="quiet">{detail}</p>
      {remedy !== '' && <p class="remedy">{remedy}</p>}
    </li>
  );
}
