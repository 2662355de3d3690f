/**
 * The topics: last value, how many, how often, and which of them are plotted; a few times a second.
 * It does not show more rows than a person scrolls through; the filter finds the others.
 */
import { integer, rate } from '../lib/format.js';
import { topicPasses } from '../lib/topic-match.js';
import { topics } from '../state/inbox.js';
import { pulse } from '../state/pulse.js';
import { plotted, seriesAdded, seriesOfTopic, togglePlot } from '../state/series.js';
import type { TopicStat } from '../state/topics.js';
import { selection, topicFilter } from '../state/view.js';

const SHOWN = 200;

export function TopicTable() {
  pulse.value;
  const filter = topicFilter.value;
  const passing = filter === '' ? topics.sorted() : topics.sorted().filter((stat) => topicPasses(filter, stat.topic));
  const hidden = passing.length - SHOWN;
  const picked = selection.value?.kind === 'topic' ? selection.value.topic : undefined;
  return (
    <section class="list" id="topic-table" tabIndex={0} aria-label="Messages by topic">
      <table>
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col">Last value</th>
            <th scope="col" class="right">
              Count
            </th>
            <th scope="col" class="right">
              Per s
            </th>
            <th scope="col">Plot</th>
          </tr>
        </thead>
        <tbody>
          {passing.slice(0, SHOWN).map((stat) => (
            <Row key={stat.topic} stat={stat} picked={stat.topic === picked} />
          ))}
        </tbody>
      </table>
      {passing.length === 0 && <p class="empty">No topics{filter === '' ? ' yet' : ' pass the filter'}.</p>}
      {hidden > 0 && <p class="note">{integer(hidden)} more topics: filter to see them.</p>}
      {topics.beyond > 0 && (
        <p class="note">{integer(topics.beyond)} messages came on topics beyond the first 5,000.</p>
      )}
    </section>
  );
}

function Row({ stat, picked }: { stat: TopicStat; picked: boolean }) {
  const { message } = stat.last;
  return (
    <tr class={picked ? 'picked' : ''} data-topic={stat.topic}>
      <th scope="row">
        <button
          type="button"
          class="bare"
          aria-pressed={picked}
          onClick={() => {
            selection.value = picked ? undefined : { kind: 'topic', topic: stat.topic };
          }}
        >
          <bdi>{stat.topic}</bdi>
        </button>
      </th>
      <td class="payload">
        {stat.last.preview}
        {message.retain && <b class="flag"> retained</b>}
      </td>
      <td class="num right">{integer(stat.count)}</td>
      <td class="num right">{rate(stat.rate)}</td>
      <td>
        <PlotButton topic={stat.topic} />
      </td>
    </tr>
  );
}

function PlotButton({ topic }: { topic: string }) {
  seriesAdded.value;
  const keys = seriesOfTopic(topic);
  const [first] = keys;
  if (first === undefined) return null;
  const on = keys.some((key) => plotted.value.includes(key));
  return (
    <button
      type="button"
      class="icon small"
      aria-pressed={on}
      aria-label={`Plot ${topic}`}
      title={on ? 'Remove the plot' : 'Plot'}
      onClick={() => {
        if (on) for (const key of keys) togglePlot(key, false);
        else togglePlot(first, true);
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M1 12l4-6 3 4 3-7 4 5" />
      </svg>
    </button>
  );
}
