/**
 * The list of messages, the newest first: only the rows in sight are in the page, and they change once a frame.
 * It does not show a message in full; picking one, or scrolling away from the top, pauses it.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { clock } from '../lib/format.js';
import { topicPasses } from '../lib/topic-match.js';
import { arrived, ring } from '../state/inbox.js';
import { type Entry, FilteredNumbers } from '../state/ring.js';
import { pause, pausedAt, resume, selection, topicFilter } from '../state/view.js';

const ROW = 28;
const OVERSCAN = 4;

/** The messages in sight of the filter; index 0 is the newest. */
interface Rows {
  readonly length: number;
  at: (index: number) => Entry | undefined;
  indexOf: (number: number) => number;
}

export function MessageList() {
  arrived.value;
  const box = useRef<HTMLDivElement>(null);
  const scrolled = useSignal(0);
  const height = useSignal(0);
  const rows = useRows();
  const picked = selection.value?.kind === 'message' ? selection.value.entry : undefined;

  useEffect(() => {
    const host = box.current;
    if (host === null) return;
    const watcher = new ResizeObserver(() => {
      height.value = host.clientHeight;
    });
    watcher.observe(host);
    return () => watcher.disconnect();
  }, [height]);

  useEffect(() => {
    if (pausedAt.value === undefined && box.current !== null) box.current.scrollTop = 0;
  }, [pausedAt.value]);

  const first = Math.max(0, Math.floor(scrolled.value / ROW) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((scrolled.value + height.value) / ROW) + OVERSCAN);
  const visible: { index: number; entry: Entry }[] = [];
  for (let index = first; index < last; index += 1) {
    const entry = rows.at(index);
    if (entry !== undefined) visible.push({ index, entry });
  }

  const pick = (index: number) => {
    const entry = rows.at(index);
    if (entry === undefined) return;
    pause();
    selection.value = { kind: 'message', entry };
    const host = box.current;
    if (host === null) return;
    if (index * ROW < host.scrollTop) host.scrollTop = index * ROW;
    else if ((index + 1) * ROW > host.scrollTop + host.clientHeight)
      host.scrollTop = (index + 1) * ROW - host.clientHeight;
  };

  return (
    <div
      ref={box}
      class="list"
      id="message-list"
      role="listbox"
      tabIndex={0}
      aria-label="Messages, the newest first"
      aria-activedescendant={
        picked !== undefined && visible.some(({ entry }) => entry === picked) ? `message-${picked.number}` : undefined
      }
      onScroll={(event) => {
        scrolled.value = event.currentTarget.scrollTop;
        if (event.currentTarget.scrollTop > ROW) pause();
      }}
      onKeyDown={(event) => {
        const target = targetOf(
          event.key,
          picked === undefined ? -1 : rows.indexOf(picked.number),
          rows.length,
          Math.floor(height.value / ROW),
        );
        if (target === undefined) return;
        event.preventDefault();
        if (target === 'resume') resume();
        else pick(target);
      }}
    >
      {rows.length === 0 && (
        // biome-ignore lint/a11y/useFocusableInteractive: there is nothing to pick
        <div class="empty" role="option" aria-selected={false} aria-disabled>
          No messages{topicFilter.value === '' ? ' yet' : ' pass the filter'}.
        </div>
      )}
      <div class="spacer" role="presentation" style={{ height: `${rows.length * ROW}px` }}>
        {visible.map(({ index, entry }, slot) => (
          <Line key={slot} entry={entry} index={index} total={rows.length} picked={entry === picked} onPick={pick} />
        ))}
      </div>
    </div>
  );
}

function Line({
  entry,
  index,
  total,
  picked,
  onPick,
}: {
  entry: Entry;
  index: number;
  total: number;
  picked: boolean;
  onPick: (index: number) => void;
}) {
  const { message } = entry;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and names the active option
    <div
      class={picked ? 'message picked' : 'message'}
      role="option"
      id={`message-${entry.number}`}
      aria-selected={picked}
      aria-posinset={index + 1}
      aria-setsize={total}
      style={{ transform: `translateY(${index * ROW}px)` }}
      onClick={() => onPick(index)}
    >
      <span class="num time">{clock(entry.time)}</span>
      <span class="topic">
        <bdi>{message.topic}</bdi>
      </span>
      <span class="flags">
        Q{message.qos}
        {message.retain && <b title="Retained"> R</b>}
        {message.duplicate && <b title="Duplicate"> D</b>}
      </span>
      <span class="payload">{entry.preview}</span>
    </div>
  );
}

function useRows(): Rows {
  const filter = topicFilter.value;
  const filtered = useMemo(() => new FilteredNumbers(ring, (topic) => topicPasses(filter, topic)), [filter]);
  const end = Math.max(pausedAt.value ?? ring.next, ring.first);
  if (filter === '') {
    return {
      length: end - ring.first,
      at: (index) => ring.at(end - 1 - index),
      indexOf: (number) => (number < ring.first ? -1 : end - 1 - number),
    };
  }
  filtered.update(end);
  return {
    length: filtered.length,
    at: (index) => {
      const number = filtered.newest(index);
      return number === undefined ? undefined : ring.at(number);
    },
    indexOf: (number) => filtered.indexOf(number),
  };
}

function targetOf(key: string, current: number, length: number, page: number): number | 'resume' | undefined {
  const clamp = (index: number) => Math.min(length - 1, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(current + 1);
    case 'ArrowUp':
      return clamp(current - 1);
    case 'PageDown':
      return clamp(current + page);
    case 'PageUp':
      return clamp(current - page);
    case 'Home':
      return 0;
    case 'End':
      return clamp(length - 1);
    case 'Escape':
      return 'resume';
    default:
      return undefined;
  }
}
