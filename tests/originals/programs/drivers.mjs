/**
 * What a person does in each program, and what has to be seen there and by another client. It does not know which client the
 * program has.
 */

import assert from 'node:assert/strict';

/** Milliseconds for one thing to be seen. */
const LIMIT = 15_000;

/**
 * @typedef {object} Scene
 * @property {import('puppeteer-core').Browser} browser
 * @property {string} url of the program
 * @property {import('../../support/mosquitto-process.mjs').Mosquitto} broker
 * @property {import('../../support/peer.mjs').Peer} peer subscribed to all
 */

/** The page of a program, what it writes to the console, and what there is to click. */
class Screen {
  /** @type {string[]} */
  lines = [];
  /** @type {string[]} */
  errors = [];

  /** @param {import('puppeteer-core').Page} page */
  constructor(page) {
    this.page = page;
    page.on('console', (message) => this.lines.push(message.text()));
    page.on('pageerror', (error) => this.errors.push(String(error instanceof Error ? error.stack : error)));
  }

  /** Waits until it has written that often. @param {RegExp} pattern @param {number} [times] */
  async written(pattern, times = 1) {
    const until = AbortSignal.timeout(LIMIT);
    while (this.lines.filter((line) => pattern.test(line)).length < times) {
      assert.ok(
        !until.aborted,
        `it did not write ${pattern} ${times} times:\n${this.lines.join('\n')}\n${this.errors.join('\n')}`,
      );
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }

  /** Waits for the text of the page, or of fields in it. @param {RegExp} pattern */
  async shows(pattern) {
    const seen = ({ source }) => {
      const fields = [...document.querySelectorAll('input, textarea')].map(({ value }) => value);
      return new RegExp(source).test([document.body.innerText, ...fields].join('\n'));
    };
    await this.page.waitForFunction(seen, { timeout: LIMIT }, { source: pattern.source }).catch(async () => {
      const text = await this.page.evaluate(() => document.body.innerText);
      assert.fail(`it does not show ${pattern}:\n${text}\n${this.lines.join('\n')}\n${this.errors.join('\n')}`);
    });
  }

  /** Clicks the button with that text, once it can be clicked. @param {string} text */
  async click(text) {
    const found = (/** @type {string} */ text) => {
      const all = [...document.querySelectorAll('button')];
      const button = all.find((one) => one.innerText.replace(/\s+/g, '').toLowerCase() === text && !one.disabled);
      button?.click();
      return button !== undefined;
    };
    await this.page
      .waitForFunction(found, { timeout: LIMIT }, text.replace(/\s+/g, '').toLowerCase())
      .catch(() => assert.fail(`there is no button '${text}'\n${this.lines.join('\n')}\n${this.errors.join('\n')}`));
  }

  /** Types into the field that belongs to a label. @param {string} label @param {string} text @param {number} [which] of several */
  async type(label, text, which = 0) {
    const handle = await this.page.evaluateHandle(
      (label, which) => {
        const items = [...document.querySelectorAll('.el-form-item, .ant-form-item')];
        const item = items.filter((one) => one.querySelector('label')?.innerText.trim() === label)[which];
        return item?.querySelector('input, textarea');
      },
      label,
      which,
    );
    const field = /** @type {import('puppeteer-core').ElementHandle | null} */ (handle.asElement());
    assert.ok(field, `there is no field '${label}'`);
    await field.click({ count: 3 });
    await field.type(text);
  }
}

/** A message of the program, as another client gets it. @param {Scene} scene @param {string} topic @param {string | RegExp} text */
async function published({ peer }, topic, text) {
  const { topic: to, text: what } = await peer.next();
  assert.equal(to, topic);
  assert.match(what, text instanceof RegExp ? text : new RegExp(`^${text.replace(/[{}]/g, '\\$&')}$`));
}

/** @param {Scene} scene @param {string} topic @param {string} text */
async function say({ peer }, topic, text) {
  await peer.publish(topic, text, { qos: 1 });
  await peer.next();
}

/** What mosquitto says when a program has subscribed. */
const SUBSCRIBED = /Sending SUBACK to (?!peer)/g;

/** Ends mosquitto and starts it again: the other client is back, and the program has subscribed anew. @param {Scene} scene */
async function restarted({ broker, peer }) {
  const before = broker.countLogged(SUBSCRIBED);
  const back = peer.connected();
  await broker.restart();
  await back;
  await peer.subscribe('#');
  await broker.logged(SUBSCRIBED, before + 1);
}

/** @type {Record<string, (scene: Scene & { screen: Screen }) => Promise<string[]>>} */
const DRIVES = {
  async plain(scene) {
    const { screen } = scene;
    await screen.written(/^Client connected:mqttjs_/);
    await screen.written(/^Subscribe to topic \/WebSocket\/mqtt/);
    await published(scene, '/WebSocket/mqtt', 'WebSocket mqtt test');
    await screen.written(/^Received Message: WebSocket mqtt test\nOn topic: \/WebSocket\/mqtt/);
    await restarted(scene);
    await screen.written(/^Reconnecting/);
    await screen.written(/^Subscribe to topic/, 2);
    await published(scene, '/WebSocket/mqtt', 'WebSocket mqtt test');
    await screen.written(/^Received Message/, 2);
    return ['connects', 'subscribes', 'publishes', 'receives', 'reconnects'];
  },

  async simple(scene) {
    const { screen } = scene;
    await screen.shows(/Subscribed to broker|\[object Object\]/);
    await say(scene, 'aardvarks', 'hello');
    await screen.shows(
      /received a message on topic: +aardvarks\s+message payload: hello\s[\s\S]*cmd: publish[\s\S]*topic: aardvarks/,
    );
    await screen.click('start publishing');
    await published(scene, 'aardvarks', /^\d+$/);
    await screen.click('stop publishing');
    await screen.page.$eval('#topic', (field) => {
      /** @type {HTMLInputElement} */ (field).value = 'zebras';
      field.dispatchEvent(new Event('change'));
    });
    await screen.shows(/Subscribed to broker|\[object Object\]/);
    await restarted(scene);
    await screen.written(/^connecting$/, 2);
    await say(scene, 'zebras', 'again');
    await screen.shows(/received a message on topic: +zebras\s+message payload: again/);
    return ['connects', 'subscribes', 'publishes', 'receives', 'reconnects'];
  },

  async vue(scene) {
    const { screen } = scene;
    for (const round of [1, 2]) {
      await screen.click('Connect');
      await screen.shows(/Connected/);
      await screen.click('Subscribe');
      await screen.shows(/Unsubscribe/);
      await say(scene, 'topic/mqttx', `hello ${round}`);
      await screen.shows(new RegExp(`hello ${round}`));
      await screen.click('Publish');
      await published(scene, 'topic/browser', '{ "msg": "Hello, I am browser." }');
      if (round === 1) {
        await restarted(scene);
        await say(scene, 'topic/mqttx', 'hello again');
        await screen.shows(/hello again/);
      }
      await screen.click('Unsubscribe');
      await screen.click('Disconnect');
      await screen.shows(/Connect\b(?!ed)/);
      await screen.written(/disconnected/i, round);
    }
    return [
      'connects',
      'subscribes',
      'publishes',
      'receives',
      'reconnects',
      'unsubscribes',
      'disconnects',
      'connects again',
    ];
  },

  async react(scene) {
    const { screen } = scene;
    for (const round of [1, 2]) {
      await screen.click('Connect');
      await screen.shows(/Connected/);
      await screen.click('Subscribe');
      await screen.shows(/Unsubscribe/);
      await say(scene, 'testtopic/react', `hello ${round}`);
      await screen.shows(new RegExp(`hello ${round}`));
      await screen.type('Payload', `from the page ${round}`);
      await screen.click('Publish');
      await published(scene, 'testtopic/react', new RegExp(`from the page ${round}$`));
      await screen.shows(new RegExp(`from the page ${round}`));
      if (round === 1) {
        await restarted(scene);
        await say(scene, 'testtopic/react', 'hello again');
        await screen.shows(/hello again/);
        await screen.shows(/Connected/);
      }
      await screen.click('Unsubscribe');
      await screen.written(/unsubscribed topic/, round);
      await screen.click('Disconnect');
      await screen.written(/disconnected successfully/, round);
      await screen.shows(/Connect\b(?!ed)/);
    }
    return [
      'connects',
      'subscribes',
      'publishes',
      'receives',
      'reconnects',
      'unsubscribes',
      'disconnects',
      'connects again',
    ];
  },

  async monitor(scene) {
    const { screen } = scene;
    await screen.shows(/MQTT connected/);
    await screen.written(/MQTT subscribed on topic '\/test\/#'/);
    await say(scene, '/test/one', '{"celsius":21.5}');
    await screen.shows(/\/test\/one/);
    await restarted(scene);
    await screen.written(/MQTT monitor_888_\d+ disconnected/);
    await screen.written(/MQTT subscribed on topic/, 2);
    await say(scene, '/test/two', 'plain text');
    await screen.shows(/\/test\/two/);
    return ['connects', 'subscribes', 'receives', 'reconnects'];
  },

  async presence(scene) {
    const { screen } = scene;
    await published(scene, 'presence', 'Hello mqtt');
    await screen.shows(/Status: Connected[\s\S]*Hello mqtt/);
    await screen.click('Publish');
    await published(scene, 'presence', 'Hello mqtt');
    await screen.written(/^message presence Hello mqtt/, 2);
    await restarted(scene);
    await screen.written(/^close/);
    await screen.written(/^subscribed/, 2);
    await published(scene, 'presence', 'Hello mqtt');
    await screen.click('Disconnect');
    await screen.shows(/Status: Disconnected/);
    return ['connects', 'subscribes', 'publishes', 'receives', 'reconnects', 'disconnects'];
  },
};

/** @type {Record<string, (scene: Scene) => Promise<string[]>>} */
export const DRIVERS = Object.fromEntries(
  Object.entries(DRIVES).map(([id, drive]) => [
    id,
    async (scene) => {
      const page = await scene.browser.newPage();
      const screen = new Screen(page);
      try {
        await page.goto(scene.url);
        const done = await drive({ ...scene, screen });
        assert.deepEqual(screen.errors, [], 'errors in the page');
        return done;
      } finally {
        await page.close();
      }
    },
  ]),
);
