/**
 * The messages: as a list or by topic, filtered, paused, and one of them in full.
 * It does not keep messages.
 */
import { integer } from '../lib/format.js';
import { arrivalRate, clearInbox, received, ring } from '../state/inbox.js';
import { pulse } from '../state/pulse.js';
import { pause, pausedAt, resume, selection, topicFilter, view } from '../state/view.js';
import { MessageDetail } from './message-detail.js';
import { MessageList } from './message-list.js';
import { TopicTable } from './topic-table.js';

export function MessagesPanel() {
  return (
    <section class="panel messages" id="messages" aria-labelledby="messages-title">
      <div class="head">
        <h2 id="messages-title">Messages</h2>
        <fieldset class="segments">
          <legend class="unseen">View</legend>
          <Segment name="topics" text="By topic" />
          <Segment name="list" text="List" />
        </fieldset>
        <label class="inline grow">
          <span class="unseen">Filter by topic</span>
          <input
            id="topic-filter"
            class="mono"
            type="search"
            placeholder="filter: text, or + and #"
            value={topicFilter.value}
            onInput={(event) => {
              topicFilter.value = event.currentTarget.value;
            }}
          />
        </label>
        <span class="aside tools">
          <Counts />
          <PauseButton />
          <button
            type="button"
            class="small"
            onClick={() => {
              selection.value = undefined;
              resume();
              clearInbox();
            }}
          >
            Clear
          </button>
        </span>
      </div>
      <div class="split">
        {view.value === 'list' ? <MessageList /> : <TopicTable />}
        <MessageDetail />
      </div>
    </section>
  );
}

function Segment({ name, text }: { name: 'list' | 'topics'; text: string }) {
  return (
    <label>
      <input
        type="radio"
        name="message-view"
        value={name}
        checked={view.value === name}
        onChange={() => {
          view.value = name;
        }}
      />
      <span>{text}</span>
    </label>
  );
}

function Counts() {
  pulse.value;
  return (
    <span class="counts num">
      <b id="received">{integer(received.peek())}</b> received, {integer(arrivalRate.value)}/s
    </span>
  );
}

function PauseButton() {
  pulse.value;
  const at = pausedAt.value;
  const missed = at === undefined ? 0 : ring.next - at;
  return (
    <button
      type="button"
      class="small"
      id="pause"
      aria-pressed={at !== undefined}
      onClick={() => (at === undefined ? pause() : resume())}
    >
      {at === undefined ? 'Pause' : `Resume${missed > 0 ? ` (${integer(missed)} new)` : ''}`}
    </button>
  );
}
