/**
 * One curve, drawn by uPlot a few times a second, with its name and its last value in words.
 * It does not know MQTT: it draws a series.
 */
import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clock, measured } from '../lib/format.js';
import { pulse } from '../state/pulse.js';
import { labelOf, type Series, seriesOf, togglePlot } from '../state/series.js';
import { coloursChanged } from '../state/theme.js';

const HUES = 4;
const SYNC = 'plots';

export function Plot({ name, hue, span }: { name: string; hue: number; span: number }) {
  const place = useRef<HTMLDivElement>(null);
  const hovered = useSignal<string | undefined>(undefined);
  const colours = coloursChanged.value;

  // A change of the colours means a new drawing.
  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const chart = draw(host, name, (text) => {
      hovered.value = text;
    });
    const stop = effect(() => {
      pulse.value;
      refresh(chart, seriesOf(name), span);
    });
    const watcher = new ResizeObserver(() => chart.setSize(sizeOf(host)));
    watcher.observe(host);
    return () => {
      stop();
      watcher.disconnect();
      chart.destroy();
    };
  }, [name, span, colours]);

  return (
    <figure class={`plot hue-${hue % HUES}`} data-series={name}>
      <figcaption>
        <Caption name={name} hovered={hovered.value} />
        <button
          type="button"
          class="icon small"
          aria-label={`Remove the plot of ${name}`}
          title="Remove"
          onClick={() => togglePlot(name, false)}
        >
          <span aria-hidden="true">✕</span>
        </button>
      </figcaption>
      <div ref={place} class="canvas" aria-hidden="true" />
    </figure>
  );
}

function Caption({ name, hovered }: { name: string; hovered: string | undefined }) {
  pulse.value;
  const series = seriesOf(name);
  const last = series?.values.at(-1);
  const [topic = name, field = ''] = name.split('#');
  return (
    <>
      <span class="label" title={labelOf({ topic, field })}>
        {labelOf({ topic: topic.replace(/^devices\//, ''), field })}
      </span>
      <span class="num">{hovered ?? (last === undefined ? 'no value yet' : measured(last))}</span>
    </>
  );
}

/** Puts what lies within the span into the chart. */
function refresh(chart: uPlot, series: Series | undefined, span: number): void {
  const now = Date.now() / 1_000;
  if (series === undefined) {
    chart.setData([[], []], false);
  } else {
    // One sample before the span, so that the line enters from the left.
    const start = Math.max(0, firstAtOrAfter(series.times, now - span) - 1);
    chart.setData([series.times.slice(start), series.values.slice(start)], false);
  }
  chart.setScale('x', { min: now - span, max: now });
}

function firstAtOrAfter(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

const sizeOf = (host: HTMLElement) => ({ width: host.clientWidth, height: host.clientHeight });

function draw(host: HTMLElement, name: string, hover: (text: string | undefined) => void): uPlot {
  // The browser works `light-dark()` out for real properties only, so the colours are read from three of them.
  const { color, caretColor, borderTopColor } = getComputedStyle(host);
  const font = '10px system-ui, sans-serif';
  const axis: uPlot.Axis = {
    stroke: caretColor,
    font,
    grid: { stroke: borderTopColor, width: 1 },
    ticks: { show: false },
  };
  return new uPlot(
    {
      ...sizeOf(host),
      padding: [6, 8, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: SYNC }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: (_chart, min, max) => padded(min, max) } },
      axes: [
        {
          ...axis,
          size: 20,
          gap: 3,
          space: 64,
          values: (chart, times) => times.map((time) => timeLabel(chart, time)),
        },
        { ...axis, size: 44, gap: 4, space: 26 },
      ],
      series: [
        {},
        {
          label: name,
          stroke: color,
          width: 1.5,
          points: { show: false },
          fill: `color-mix(in srgb, ${color} 10%, transparent)`,
        },
      ],
      hooks: {
        setCursor: [
          (chart) => {
            const index = chart.cursor.idx;
            const time = index == null ? undefined : chart.data[0][index];
            const value = index == null ? undefined : chart.data[1]?.[index];
            hover(
              time === undefined || value == null
                ? undefined
                : `${measured(value)} at ${clock(time * 1_000).slice(0, 8)}`,
            );
          },
        ],
      },
    },
    [[], []],
    host,
  );
}

/** Room above and below, and never a flat line stretched to noise. */
function padded(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const room = Math.max((max - min) * 0.12, Math.abs(max) * 0.005, 0.05);
  return [min >= 0 && min - room < 0 ? 0 : min - room, max + room];
}

/** Half a label, less what is left of the edge, in CSS pixels. */
const LABEL_ROOM = 18;

/** The time of day; none near the right edge, where it would be cut off. */
function timeLabel(chart: uPlot, time: number): string {
  const { min, max } = chart.scales.x ?? {};
  const room = min == null || max == null ? 0 : ((max - time) / (max - min)) * (chart.bbox.width / devicePixelRatio);
  return room < LABEL_ROOM ? '' : clock(time * 1_000).slice(0, 8);
}
