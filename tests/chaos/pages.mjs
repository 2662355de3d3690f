/**
 * The pages: one publishes numbers as long as it lives, two subscribe. They tell the server what is stored, what is complete
 * and what they hear. They do not know that they will be killed.
 */

/**
 * Messages that the page of automatic acknowledgements has open at most: so many can be gone with it, unheard. It speaks
 * 3.1.1, where that is mosquitto's `max_inflight_messages`; with a small Receive Maximum mosquitto 2.0 sends more than that.
 */
export const UNHEARD = 20;

const HEAD = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>chaos</title>';

/** What all of them have. */
const COMMON = `
  const parameters = new URLSearchParams(location.search);
  const line = parameters.get('line');
  const durability = parameters.get('durability');
  const worker = parameters.get('worker') === 'true';
  const tell = (path, body) => fetch(path, { method: 'POST', body, keepalive: true }).catch(() => {});
  const connectAs = (name, more) => connect(line, {
    ...more,
    worker,
    session: { persist: 'indexeddb', name, durability, inUse: 'wait' },
    clientId: name,
    keepAlive: 5,
    reconnect: { min: 20, max: 200 },
  });
`;

export const PAGES = {
  '/publisher.html': `${HEAD}<script type="module">
    import { connect } from '/dist/index.js';
    ${COMMON}
    const client = connectAs('publisher');
    globalThis.client = client;
    const publish = (number) => {
      const qos = number % 2 === 0 ? 2 : 1;
      const publishing = client.publish('chaos/' + qos, String(number), { qos, id: String(number) });
      publishing.stored.then(() => tell('/promised', String(number)), () => {});
      publishing.then(() => tell('/completed', String(number)), () => {});
    };
    for (const { id, done } of await client.pending()) {
      done.then(() => tell('/completed', id), () => {});
    }
    globalThis.loaded = true;
    globalThis.publishing ??= true;
    while (globalThis.publishing) {
      const first = Number(await (await fetch('/take', { method: 'POST' })).text());
      for (let number = first; number < first + 10; number++) {
        publish(number);
      }
      await client.flush({ timeout: 200 }).catch(() => {});
    }
  </script>`,
  '/auto.html': `${HEAD}<script type="module">
    import { connect } from '/dist/index.js';
    ${COMMON}
    const client = connectAs('auto', { protocol: 4 });
    globalThis.client = client;
    client.subscribe('chaos/#', (message) => {
      // When the handler returns it is on record; but in Firefox a page that is being left runs on for a while, and
      // its requests come to nothing without a word.
      const request = new XMLHttpRequest();
      request.open('POST', '/heard?who=auto', false);
      request.send(message.text());
    }, { qos: 2 });
    globalThis.loaded = true;
  </script>`,
  '/after.html': `${HEAD}<script type="module">
    import { connect } from '/dist/index.js';
    ${COMMON}
    const client = connectAs('after');
    globalThis.client = client;
    globalThis.loaded = true;
    for await (const message of client.subscribe('chaos/#', { qos: 2, ack: 'after-handler' })) {
      // What comes a second time is on record already. It is acknowledged when the loop asks for the next one.
      // A page that is being left fails to say so, and goes on to try while it lives.
      const say = () => fetch('/heard?who=after', { method: 'POST', body: message.text() });
      while (!(await say().then(() => true, () => new Promise((resolve) => setTimeout(resolve, 50, false)))));
    }
  </script>`,
};
