/**
 * The corpus as the project keeps it, lines of hexadecimal and findings as files, and as libFuzzer wants it, a folder of
 * files. It does not know what the inputs mean.
 */

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

const corpus = join(root, 'tests/fuzz/corpus');

/** Longer inputs are not kept: the short ones reach the same. */
export const LONGEST = 150;

/**
 * The inputs of one of the files; what follows a `#` is for people.
 *
 * @param {string} name
 */
function lines(name) {
  const path = join(corpus, name);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const hex = text.split('\n').map((line) => (line.split('#')[0] ?? '').trim());
  return hex.filter((line) => line !== '').map((line) => Buffer.from(line, 'hex'));
}

/**
 * The packets as inputs of a target, as the replay in the tests has them.
 *
 * @param {string} target
 * @param {Buffer} packet
 */
function inputsOf(target, packet) {
  switch (target) {
    case 'decoder':
      return [Buffer.concat([Buffer.of(0xff), packet])];
    case 'chopper':
      return [0x80, 0x81, 0x82].map((how) => Buffer.concat([Buffer.of(how, 2, 1, 3), packet]));
    default: {
      const before = [2, 0, 0, 3, 44, 34, 16, 0x11, 13, 1, 0, 63, 2, packet.length % 256];
      return [Buffer.concat([Buffer.from(before), packet, Buffer.of(34, 63, 34)])];
    }
  }
}

/**
 * Lays out everything that is kept for a target as files.
 *
 * @param {string} target
 * @param {string} folder
 */
export function layOut(target, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packets = [...lines('packets.txt'), ...lines('hostile.txt')];
  const inputs = [...lines(`${target}.txt`), ...packets.flatMap((packet) => inputsOf(target, packet))];
  for (const input of inputs) {
    writeFileSync(join(folder, nameOf(input)), input);
  }
  const findings = join(corpus, target);
  for (const name of existsSync(findings) ? readdirSync(findings) : []) {
    copyFileSync(join(findings, name), join(folder, name));
  }
  return readdirSync(folder).length;
}

/**
 * Keeps the inputs in a folder as what reaches all the code that was reached.
 *
 * @param {string} target
 * @param {string} folder
 */
export function keep(target, folder) {
  const inputs = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const kept = inputs.filter((input) => input.length <= LONGEST).map((input) => input.toString('hex'));
  const text = ['# What reaches all the code that the long runs have reached.', ...new Set(kept.sort())].join('\n');
  writeFileSync(join(corpus, `${target}.txt`), `${text}\n`);
  return kept.length;
}

/**
 * Keeps a finding; the tests replay it from now on.
 *
 * @param {string} target
 * @param {string} path
 */
export function keepFinding(target, path) {
  const input = readFileSync(path);
  mkdirSync(join(corpus, target), { recursive: true });
  const kept = join(corpus, target, `found-${nameOf(input)}`);
  writeFileSync(kept, input);
  return kept;
}

/** @param {Buffer} input */
function nameOf(input) {
  return createHash('sha1').update(input).digest('hex').slice(0, 12);
}
