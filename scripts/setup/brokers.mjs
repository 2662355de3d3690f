/**
 * The brokers and clients that the page is tried against: Debian packages, Python packages in an environment of their
 * own below the cache folder, and programs that cargo builds. It does not know how they are run.
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { mqttv5Tool, rmqttdTool, setUpTool } from './cargo-tools.mjs';
import { cache, textOf, which } from './places.mjs';
import { ask, run } from './run.mjs';
import { SetupError, tail, timed } from './say.mjs';

const PYTHON = { iotcore: '0.4.0', amqtt: '0.12.1', 'paho-mqtt': '2.1.0' };

/** The Python environment; its name holds what is in it. */
export const venv = join(cache, `python-${Object.values(PYTHON).join('-')}`);

const QUICK = [
  { program: 'mosquitto_pub', package: 'mosquitto-clients' },
  { program: 'nats-server', package: 'nats-server' },
  { program: '/usr/sbin/ejabberdctl', package: 'ejabberd' },
];
const HEAVY = [{ program: '/usr/sbin/rabbitmq-server', package: 'rabbitmq-server' }];

/**
 * @param {(line: string) => void} log
 * @param {{ heavy: boolean }} options with those that take long to build or to start
 */
export async function setUpBrokers(log, { heavy }) {
  await debian([...QUICK, ...(heavy ? HEAVY : [])], log);
  await pythonPackages(log);
  if (heavy) {
    if (!which('protoc')) {
      await install(['protobuf-compiler', 'libprotobuf-dev', 'cmake', 'libssl-dev', 'pkg-config'], {
        log,
        what: 'what building rmqttd needs',
        usually: '20 seconds',
      });
    }
    await setUpTool(mqttv5Tool, log);
    await setUpTool(rmqttdTool, log);
  }
}

/** @param {typeof QUICK} wanted @param {(line: string) => void} log */
async function debian(wanted, log) {
  const missing = wanted.filter(({ program }) => !which(program)).map((it) => it.package);
  if (missing.length === 0) {
    return;
  }
  if (canInstall()) {
    await install(missing, { log, what: 'brokers for the interoperation tests', usually: 'half a minute' });
    log('  Where systemd runs, Debian starts them as services, too: systemctl disable --now ejabberd nats-server');
  }
  const still = wanted.filter(({ program }) => !which(program)).map((it) => it.package);
  if (still.length > 0) {
    throw new SetupError(
      `Brokers of the interoperation tests are missing: ${still.join(', ')}.`,
      `Install them: apt-get install ${still.join(' ')}; or leave these tests out: npm test -- native browser e2e package demo`,
    );
  }
}

/** @param {(line: string) => void} log */
async function pythonPackages(log) {
  const done = join(venv, 'complete');
  if (textOf(done) !== undefined) {
    return;
  }
  const python = which('python3');
  if (!python) {
    throw new SetupError('Python 3 is missing.', 'Install it: apt-get install python3 python3-venv');
  }
  rmSync(venv, { recursive: true, force: true });
  if (ask(python, ['-c', 'import venv, ensurepip']) === undefined) {
    await install(['python3-venv'], { log, what: 'Python environments', usually: '10 seconds' });
  }
  const packages = Object.entries(PYTHON).map(([name, version]) => `${name}==${version}`);
  await timed(log, `Installing ${packages.join(', ')} into ${venv}`, 'half a minute', async () => {
    const made = await run(python, ['-m', 'venv', venv], { limit: 5 * 60_000 });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    const outcome = made.ok ? await run(join(venv, 'bin/python3'), pip, { limit: 10 * 60_000 }) : made;
    if (!outcome.ok) {
      throw new SetupError(
        `The Python packages could not be had:\n${tail(outcome.output)}`,
        'Try again: npm run interop',
      );
    }
    // Last: half an environment is never taken for a whole one.
    writeFileSync(done, '');
  });
}
