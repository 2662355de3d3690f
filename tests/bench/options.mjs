/** What the command is told. */

import { parseArgs } from 'node:util';
import { NAMES } from './contestants.mjs';
import { ROWS } from './rows.mjs';

export const USAGE = `npm run bench -- [options]
  --only ROW,…         rows whose names begin so: ${ROWS.map(({ name }) => name).join(', ')}, steady
  --contestants NAME,… of ${NAMES.join(', ')}
  --reps N             repetitions, interleaved; 3
  --scale X            so many times the messages of a full run; 1
  --minutes M          of the steady load; 10, and none with --only
  --vs DIR             compare with another built package, its folder 'dist'
  --json FILE          all figures
  --markdown FILE      the tables, as a page of the documentation
  --profile FILE       of the rows of wasmqtt, for the browser's tools`;

/**
 * @typedef {object} Options
 * @property {import('./rows.mjs').Row[]} rows
 * @property {string[]} contestants
 * @property {number} reps
 * @property {number} scale
 * @property {number} minutes
 * @property {string} [vs]
 * @property {string} [json]
 * @property {string} [markdown]
 * @property {string} [profile]
 *
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    args,
    options: {
      only: text,
      contestants: text,
      reps: text,
      scale: text,
      minutes: text,
      vs: text,
      json: text,
      markdown: text,
      profile: text,
    },
  });
  const only = values.only?.split(',');
  const among = (/** @type {string} */ name) => only === undefined || only.some((start) => name.startsWith(start));
  const rows = ROWS.filter(({ name }) => among(name));
  const minutes = among('steady') ? positive(values.minutes, '--minutes', 10) : 0;
  const asked = values.contestants?.split(',') ?? NAMES;
  const unknown = asked.find((name) => !NAMES.includes(name)) ?? only?.find((start) => !known(start));
  if (unknown !== undefined) {
    throw new Error(`there is no ${unknown}`);
  }
  const { vs, json, markdown, profile } = values;
  return {
    rows,
    contestants: asked,
    reps: positive(values.reps, '--reps', 3),
    scale: positive(values.scale, '--scale', 1),
    minutes,
    ...(vs ? { vs } : {}),
    ...(json ? { json } : {}),
    ...(markdown ? { markdown } : {}),
    ...(profile ? { profile } : {}),
  };
}

/** @param {string} start */
function known(start) {
  return [...ROWS.map(({ name }) => name), 'steady'].some((name) => name.startsWith(start));
}

/**
 * @param {string | undefined} text
 * @param {string} name
 * @param {number} otherwise
 */
function positive(text, name, otherwise) {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) {
    throw new Error(`${name} takes a number above zero`);
  }
  return value;
}
