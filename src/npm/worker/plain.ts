/** The script of a worker whose session is not stored. */

import init, { Engine } from '../generated/plain/wasmqtt.js';
import { EnginePort, sink } from '../port/engine.js';
import { serve } from './host.js';

serve((module) => async ({ settings, protocols }, take) => {
  await init({ module_or_path: module });
  const engine = Engine.make(sink(take), settings, protocols, undefined);
  return engine && new EnginePort(engine);
});
