/** The table of what came of another client's tests. */

/**
 * @param {readonly import('./paho.mjs').Case[]} cases
 * @param {boolean} all those that passed are named, too
 */
export function report(cases, all) {
  const suites = [...new Set(cases.map(({ suite }) => suite))];
  const row = (/** @type {string} */ name, /** @type {readonly import('./paho.mjs').Case[]} */ some) => {
    const of = (/** @type {string} */ outcome) => some.filter((one) => one.outcome === outcome).length;
    return `| ${name} | ${some.length} | ${of('passed')} | ${of('failed')} | ${of('left out')} |`;
  };
  const lines = [
    '| suite | cases | passed | failed | left out |',
    '|---|---|---|---|---|',
    ...suites.map((suite) =>
      row(
        suite,
        cases.filter((one) => one.suite === suite),
      ),
    ),
    row('**all**', cases),
  ];
  const others = cases.filter(({ outcome }) => outcome !== 'passed');
  if (all) {
    lines.push('', ...cases.filter((one) => one.outcome === 'passed').map(({ suite, name }) => `- ${suite}: ${name}`));
  }
  if (others.length > 0) {
    lines.push('', '| did not pass | why |', '|---|---|');
    for (const { suite, name, outcome, reason, error } of others) {
      const why = reason ?? `**${outcome}**: ${(error ?? '').split('\n')[0]}`;
      lines.push(`| ${suite}: ${name} | ${why.replace(/\|/g, '\\|')} |`);
    }
  }
  return lines.join('\n');
}
