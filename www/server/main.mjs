/**
 * The demo's server: a broker, the simulated devices, the page and its control endpoint, on 127.0.0.1 and free ports.
 * It does not know what the page does with them, and does not build the package.
 */
import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { startAedes } from './aedes.mjs';
import { createControl } from './control.mjs';
import { Device } from './device.mjs';
import { serveFolder } from './files.mjs';
import { listen, portOf } from './free-port.mjs';
import { createLoad } from './load.mjs';
import { createModels } from './models.mjs';
import { startMosquitto } from './mosquitto.mjs';
import { buildPage } from './page.mjs';
import { startProxy } from './proxy.mjs';

const BROKERS = { aedes: startAedes, mosquitto: startMosquitto };

/**
 * @typedef {object} Broker
 * @property {string} name
 * @property {string} version
 * @property {4 | 5} deviceProtocol the greatest protocol level that devices can use with it
 * @property {number} tcpPort
 * @property {number} webSocketPort
 * @property {() => Promise<void>} stop
 */

/**
 * @param {{
 *   broker?: 'aedes' | 'mosquitto',
 *   port?: number,
 *   host?: string,
 *   root: string,
 *   interval?: number,
 *   page?: string,
 * }} options `root` is the project's folder, `interval` the milliseconds between two values of a device, `page` the
 *   folder of a page that is built already
 * @returns {Promise<{ url: string, mqttTcpPort: number, stop: () => Promise<void> }>}
 */
export async function start({
  broker: brokerName = 'aedes',
  port = 0,
  host = '127.0.0.1',
  root,
  interval = 700,
  page,
}) {
  if (!Object.hasOwn(BROKERS, brokerName))
    throw new Error(`There is no broker "${brokerName}": take aedes or mosquitto`);
  /** @type {(() => Promise<unknown>)[]} */
  const stops = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const folder = page ?? (await buildPage(root));
    const broker = await BROKERS[brokerName]({ host });
    stops.push(broker.stop);
    const proxy = await startProxy({ host, target: broker.webSocketPort });
    stops.push(proxy.stop);

    const connection = { host, port: broker.tcpPort, protocolVersion: broker.deviceProtocol };
    const devices = new Map(
      Object.entries(createModels()).map(([id, model]) => [id, new Device(id, model, connection, interval)]),
    );
    stops.push(() => Promise.all([...devices.values()].map((device) => device.kill())));
    await Promise.all([...devices.values()].map((device) => device.start()));
    const load = createLoad(connection);
    stops.push(load.stop);

    const control = createControl({ devices, proxy, load });
    const files = serveFolder(folder);
    const server = await listen(
      createServer((request, response) => {
        const hostname = hostnameOf(request);
        if (!isTrusted(hostname, host)) {
          response.writeHead(403, { 'content-type': 'text/plain' }).end('This name is not served here\n');
          return;
        }
        const { pathname } = new URL(request.url ?? '/', 'http://localhost');
        if (pathname.startsWith('/control/')) control(pathname.slice('/control/'.length), request, response);
        else if (pathname === '/config.json') sendConfig(response, broker, `ws://${hostname}:${proxy.port}/`);
        else files(pathname, request, response);
      }),
      port,
      host,
    );
    stops.push(
      () =>
        new Promise((done) => {
          server.close(done);
          server.closeAllConnections();
        }),
    );
    return { url: `http://${host}:${portOf(server)}/`, mqttTcpPort: broker.tcpPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {import('node:http').IncomingMessage} request */
function hostnameOf(request) {
  return (request.headers.host ?? '').replace(/:\d+$/, '');
}

/** A name that leads here by way of a foreign DNS is refused; an address can't be such a name. */
function isTrusted(hostname, host) {
  return hostname === 'localhost' || hostname === host || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function sendConfig(response, { name, version, deviceProtocol }, webSocketUrl) {
  const body = {
    webSocketUrl,
    broker: { name, version },
    features: { protocols: deviceProtocol === 5 ? [3, 4, 5] : [3, 4], control: true },
  };
  response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
