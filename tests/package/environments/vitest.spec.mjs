import { scenario } from './scenario.mjs';

const { vi } = globalThis;
// That of jsdom does not connect under vitest.
const { WebSocket } = process.env.SOCKET === 'ws' ? await import('ws') : globalThis;
const factory = (address, protocols) => new WebSocket(address, protocols);

scenario({
  test: globalThis.test,
  expect: globalThis.expect,
  timers: vi,
  advance: (ms) => vi.advanceTimersByTimeAsync(ms),
  websocket: process.env.SOCKET === 'ws' ? { factory } : undefined,
});
