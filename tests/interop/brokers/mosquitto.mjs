/** mosquitto: the reference. It does not know the scenarios. */

import { startMosquitto } from '../../support/mosquitto.mjs';

/** @type {import('../suite.mjs').Broker} */
export const mosquitto = {
  name: 'mosquitto',
  protocols: [4, 5],
  lacks: { 'enhanced authentication': 'no mechanism is built in' },
  async start() {
    const [open, secured, limited] = await Promise.all([
      startMosquitto(),
      startMosquitto({ users: { alice: 'secret' } }),
      startMosquitto({ config: ['max_packet_size 2000', 'retain_available false', 'max_keepalive 30'] }),
    ]);
    return {
      version: open.version,
      url: open.url,
      tcpUrl: open.tcpUrl,
      secured: { url: secured.url, username: 'alice', password: 'secret' },
      limited: { url: limited.url, maximumPacketSize: 2000, retainAvailable: false, keepAlive: 30 },
    };
  },
};
