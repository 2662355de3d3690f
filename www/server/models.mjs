/**
 * The four simulated devices: what each senses, what can be set on it, and how it wants to be shown.
 * They do not know MQTT; each call of `sense` is one step of simulated time.
 */

const round = (value, digits) => Number(value.toFixed(digits));
const fixed = (value, digits) => value.toFixed(digits);
const noise = (size) => (Math.random() - 0.5) * 2 * size;
const approach = (from, to, share) => from + (to - from) * share;

/** @returns {Record<string, import('./device.mjs').Model>} by device identifier */
export function createModels() {
  return { greenhouse: greenhouse(), meter: meter(), pump: pump(), window: roofWindow() };
}

function greenhouse() {
  const state = { heater: true, target: 22.5 };
  let temperature = 19.4;
  let humidity = 61;
  let step = 0;
  return {
    about: {
      name: 'Greenhouse',
      values: [
        { topic: 'temperature', label: 'Temperature', unit: '°C' },
        { topic: 'humidity', label: 'Humidity', unit: '%' },
      ],
      controls: [
        { key: 'heater', label: 'Heater', type: 'switch' },
        { key: 'target', label: 'Target', type: 'number', min: 5, max: 35, step: 0.5, unit: '°C' },
      ],
    },
    state,
    sense() {
      step += 1;
      const outside = 14 + 3 * Math.sin(step / 60);
      temperature = approach(temperature, outside, 0.008) + noise(0.06);
      if (state.heater && temperature < state.target) temperature += Math.min(0.35, (state.target - temperature) * 0.2);
      humidity = approach(humidity, 98 - temperature * 1.7, 0.05) + noise(0.3);
      return { temperature: fixed(temperature, 2), humidity: fixed(humidity, 1) };
    },
  };
}

function meter() {
  const state = { relay: true };
  let load = 640;
  let energy = 1_482.31;
  let step = 0;
  return {
    about: {
      name: 'Power meter',
      values: [
        { topic: 'power', field: 'watts', label: 'Power', unit: 'W' },
        { topic: 'power', field: 'volts', label: 'Voltage', unit: 'V' },
      ],
      controls: [{ key: 'relay', label: 'Relay', type: 'switch' }],
    },
    state,
    sense() {
      step += 1;
      const appliance = step % 40 < 14 ? 900 : 0;
      load =
        approach(load, state.relay ? 420 + appliance + 60 * Math.sin(step / 9) : 0, state.relay ? 0.35 : 0.8) +
        noise(8);
      const watts = Math.max(0, load);
      const volts = 230.5 - watts / 900 + noise(0.4);
      energy += watts / 3_600_000;
      return {
        power: {
          watts: round(watts, 0),
          volts: round(volts, 1),
          amperes: round(watts / volts, 2),
          kwh: round(energy, 3),
        },
      };
    },
  };
}

function pump() {
  const state = { running: true, speed: 60 };
  let flow = 0;
  let step = 0;
  return {
    about: {
      name: 'Pump',
      values: [
        { topic: 'flow', label: 'Flow', unit: 'l/min' },
        { topic: 'pressure', label: 'Pressure', unit: 'bar' },
      ],
      controls: [
        { key: 'running', label: 'Run', type: 'switch' },
        { key: 'speed', label: 'Speed', type: 'number', min: 0, max: 100, step: 5, unit: '%' },
      ],
    },
    state,
    sense() {
      step += 1;
      const wanted = state.running ? state.speed * 0.42 : 0;
      flow = Math.max(0, approach(flow, wanted, 0.3) + (wanted > 0 ? noise(0.35) + 0.8 * Math.sin(step / 5) : 0));
      return { flow: fixed(flow, 1), pressure: fixed(1 + flow * 0.075 + noise(0.01), 2) };
    },
  };
}

function roofWindow() {
  const state = { position: 30 };
  let position = 0;
  let light = 18_000;
  let step = 0;
  return {
    about: {
      name: 'Roof window',
      values: [
        { topic: 'position', label: 'Open', unit: '%' },
        { topic: 'light', label: 'Light', unit: 'lx' },
      ],
      controls: [{ key: 'position', label: 'Position', type: 'number', min: 0, max: 100, step: 10, unit: '%' }],
    },
    state,
    sense() {
      step += 1;
      const wanted = Math.min(100, Math.max(0, state.position));
      position += Math.max(-6, Math.min(6, wanted - position));
      light = approach(light, 21_000 + 9_000 * Math.sin(step / 35), 0.2) + noise(250);
      return { position: fixed(position, 0), light: fixed(light, 0) };
    },
  };
}
