/**
 * The small control endpoint behind the scenes of the page: kill a device, cut the network, make load.
 * It answers only requests of the page's own origin, and does not know how the page is served.
 */

const BODY_LIMIT = 4_096;
const MAX_SECONDS = 60;
const MAX_RATE = 20_000;

/** What a request did wrong, with the status to answer. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {{
 *   devices: Map<string, import('./device.mjs').Device>,
 *   proxy: import('./proxy.mjs').Proxy,
 *   load: ReturnType<typeof import('./load.mjs').createLoad>,
 * }} parts
 */
export function createControl({ devices, proxy, load }) {
  const deviceOf = ({ id }) => {
    const device = devices.get(id);
    if (device === undefined) throw new Refusal(404, 'There is no such device');
    return device;
  };
  /** @type {Record<string, (body: Record<string, unknown>) => Promise<object>>} */
  const actions = {
    async 'kill-device'(body) {
      const device = deviceOf(body);
      await device.kill();
      return { id: device.id, online: device.online };
    },
    async 'revive-device'(body) {
      const device = deviceOf(body);
      await device.start();
      return { id: device.id, online: device.online };
    },
    async network({ up, seconds = 3 }) {
      if (typeof up !== 'boolean') throw new Refusal(400, '`up` has to be true or false');
      if (up) proxy.restore();
      else proxy.cut(numberWithin(seconds, MAX_SECONDS, 'seconds') * 1_000);
      return { up: proxy.up };
    },
    async load({ rate, seconds = 5 }) {
      if (rate === 0) await load.stop();
      else await load.run(numberWithin(rate, MAX_RATE, 'rate'), numberWithin(seconds, MAX_SECONDS, 'seconds'));
      return { rate, seconds };
    },
  };

  /**
   * @param {string} name what follows `/control/`
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  return async (name, request, response) => {
    try {
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined) throw new Refusal(404, 'There is no such action');
      if (request.method !== 'POST') throw new Refusal(405, 'Only POST is answered here');
      if (request.headers.origin !== `http://${request.headers.host}`)
        throw new Refusal(403, 'Only the page itself may ask');
      answer(response, 200, await action(await readBody(request)));
    } catch (error) {
      if (error instanceof Refusal) answer(response, error.status, { error: error.message });
      else answer(response, 500, { error: 'The action failed' });
    }
  };
}

function numberWithin(value, max, name) {
  if (typeof value !== 'number' || !(value > 0 && value <= max))
    throw new Refusal(400, `\`${name}\` has to be above 0 and at most ${max}`);
  return value;
}

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw new Refusal(413, 'The body is too long');
  }
  try {
    const body = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'The body has to be a JSON object');
}

function answer(response, status, body) {
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(JSON.stringify(body));
}
