/**
 * Who has which client identifier at which server, among the clients of this origin: the one that connects last has it, as the
 * server would decide (3.1.1, 3.1.4). The client before gives it up at once, here and in other pages. It does not know how.
 */

/** Places with an identifier, and how they are given up. */
interface Holder {
  readonly places: readonly string[];
  readonly leave: () => void;
}

const CHANNEL = 'wasmqtt paho identifiers';

const holders = new Set<Holder>();
let channel: BroadcastChannel | undefined;

/** Takes the identifier from whoever has it; gives it back with what is returned. `leave` is called when another takes it. */
export function take(uris: readonly string[], clientId: string, leave: () => void): () => void {
  if (clientId === '') {
    return () => {};
  }
  const places = uris.map((uri) => `${clientId}@${new URL(uri).host}${new URL(uri).pathname}`);
  dismiss(places);
  const holder = { places, leave };
  holders.add(holder);
  channel ??= opened();
  channel?.postMessage(places);
  return () => {
    holders.delete(holder);
    if (holders.size === 0) {
      channel?.close();
      channel = undefined;
    }
  };
}

function dismiss(places: readonly string[]): void {
  for (const holder of [...holders]) {
    if (holder.places.some((place) => places.includes(place))) {
      holders.delete(holder);
      holder.leave();
    }
  }
}

/** Undefined where there is none to be had. */
function opened(): BroadcastChannel | undefined {
  try {
    const made = new BroadcastChannel(CHANNEL);
    made.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (Array.isArray(data)) {
        dismiss(data.filter((place) => typeof place === 'string'));
      }
    };
    return made;
  } catch {
    return undefined;
  }
}
