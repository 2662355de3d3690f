/**
 * Templates of topics: filters whose levels may have names. `:name` stands for one level, `:name*` at the end for all that
 * follow, none too; `+` and `#` are what they are in filters.
 */

import { isTopicFilter, isTopicName, matches } from '../packets/topics.js';
import { TopicError } from './error.js';
import { checkLevel } from './join.js';

/** The names in a template, each with a string: `Params<'devices/:id/+'>` is `{ id: string }`. */
export type Params<Template extends string> = { [Name in NameOf<LevelOf<Template>>]: string };

type LevelOf<Template extends string> = Template extends `${infer Level}/${infer Rest}`
  ? Level | LevelOf<Rest>
  : Template;
type NameOf<Level extends string> = Level extends `:${infer Name}*`
  ? Name
  : Level extends `:${infer Name}`
    ? Name
    : never;

interface Level {
  readonly text: string;
  /** Undefined for one without. */
  readonly name: string | undefined;
  /** It stands for all that follow. */
  readonly open: boolean;
}

/**
 * The Topic Filter of a template: `devices/:id/state` is `devices/+/state`, `files/:path*` is `files/#`.
 *
 * @throws {TopicError} a name twice or none after the colon, `:name*` not at the end, or what is no Topic Filter without the names
 */
export function filterOf(template: string): string {
  return filterOfLevels(read(template));
}

/**
 * What a topic has for the names in a template; `undefined` where it does not match.
 *
 * ```ts
 * params('devices/:id/state', 'devices/7/state')?.id; // '7'
 * ```
 *
 * @throws {TopicError} as `filterOf`
 */
export function params<Template extends string>(template: Template, topic: string): Params<Template> | undefined {
  const levels = read(template);
  if (!matches(filterOfLevels(levels), topic)) {
    return undefined;
  }
  const given = topic.split('/');
  const found = levels.flatMap(({ name, open }, index) =>
    name === undefined ? [] : [[name, open ? given.slice(index).join('/') : (given[index] ?? '')] as const],
  );
  return Object.fromEntries(found) as Params<Template>;
}

/**
 * The Topic Name that a template gives with these values, to publish to. A value is one level, that of `:name*` one or more.
 *
 * ```ts
 * fill('devices/:id/state', { id: 7 }); // devices/7/state
 * ```
 *
 * @throws {TopicError} a name without a value, a value that is more than its level, or a template with `+` or `#`
 */
export function fill<Template extends string>(
  template: Template,
  values: { readonly [Name in keyof Params<Template>]: string | number },
): string {
  const given = new Map<string, string | number>(Object.entries(values));
  const levels = read(template).map(({ text, name, open }) => {
    if (name === undefined) {
      return text;
    }
    const value = given.get(name);
    if (value === undefined) {
      throw new TopicError(`":${name}" has no value`);
    }
    for (const level of open ? String(value).split('/') : [value]) {
      checkLevel(level);
    }
    return String(value);
  });
  const topic = levels.join('/');
  if (!isTopicName(topic)) {
    throw new TopicError('with these values the template is no Topic Name');
  }
  return topic;
}

function read(template: string): Level[] {
  const texts = template.split('/');
  const names = new Set<string>();
  return texts.map((text, index) => {
    if (!text.startsWith(':')) {
      return { text, name: undefined, open: false };
    }
    const open = text.endsWith('*');
    const name = text.slice(1, open ? -1 : undefined);
    if (!/^\w+$/.test(name) || names.has(name)) {
      throw new TopicError(`"${text}" has no name of its own, of letters, digits and "_"`);
    }
    if (open && index < texts.length - 1) {
      throw new TopicError(`"${text}" stands for all levels that follow, and is the last`);
    }
    names.add(name);
    return { text, name, open };
  });
}

function filterOfLevels(levels: readonly Level[]): string {
  const wildcard = ({ open }: Level): string => (open ? '#' : '+');
  const filter = levels.map((level) => (level.name === undefined ? level.text : wildcard(level))).join('/');
  if (!isTopicFilter(filter)) {
    throw new TopicError('without its names the template is no Topic Filter');
  }
  return filter;
}
