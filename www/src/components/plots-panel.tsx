/**
 * The plots: which series are shown, over how long a time, and the menu to choose.
 * It does not draw a curve itself.
 */
import { signal } from '@preact/signals';
import { allSeries, keyOf, labelOf, plotted, seriesAdded, togglePlot } from '../state/series.js';
import { Plot } from './plot.js';

const SPANS = [
  [30, '30 s'],
  [120, '2 min'],
  [600, '10 min'],
] as const;

const span = signal<number>(30);

export function PlotsPanel() {
  return (
    <section class="panel plots" id="plots" aria-labelledby="plots-title">
      <div class="head">
        <h2 id="plots-title">Plots</h2>
        <span class="aside tools">
          <label class="inline">
            <span class="unseen">Time span</span>
            <select
              value={String(span.value)}
              onChange={(event) => {
                span.value = Number(event.currentTarget.value);
              }}
            >
              {SPANS.map(([seconds, text]) => (
                <option key={seconds} value={String(seconds)}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <Chooser />
        </span>
      </div>
      {plotted.value.length === 0 ? (
        <p class="empty">Nothing is plotted: choose among the numeric topics.</p>
      ) : (
        <div class="charts">
          {plotted.value.map((key, index) => (
            <Plot key={key} name={key} hue={index} span={span.value} />
          ))}
        </div>
      )}
    </section>
  );
}

function Chooser() {
  seriesAdded.value;
  const known = allSeries();
  const keys = new Set(known.map((series) => series.key));
  const absent = plotted.value
    .filter((key) => !keys.has(key))
    .map((key) => ({ key, topic: key.split('#')[0] ?? key, field: key.split('#')[1] ?? '' }));
  return (
    <details
      class="menu"
      id="plot-menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.currentTarget.open = false;
        event.currentTarget.querySelector('summary')?.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget instanceof Node && !event.currentTarget.contains(event.relatedTarget))
          event.currentTarget.open = false;
      }}
    >
      <summary>Choose</summary>
      <fieldset>
        <legend>Numeric topics</legend>
        {known.length === 0 && <p class="note">None has arrived yet.</p>}
        {[...known, ...absent].map(({ topic, field }) => {
          const key = keyOf(topic, field);
          return (
            <label key={key}>
              <input
                type="checkbox"
                checked={plotted.value.includes(key)}
                onChange={(event) => togglePlot(key, event.currentTarget.checked)}
              />
              {labelOf({ topic, field })}
            </label>
          );
        })}
      </fieldset>
    </details>
  );
}
