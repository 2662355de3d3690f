/**
 * Templates of topics: filters whose levels may have names. `:name` stands for one level, `:name*` at the end for all that
 * follow, none too; `+` and `#` are what they are in filters. A level that itself begins with a colon is written with two.
 */

import { isTopicFilter, isTopicName, matches, sharedFilter } from '../packets/topics.js';
import { TopicError } from './error.js';
import { checkLevel } from './join.js';

/** The names in a template, each with a string: `Params<'devices/:id/+'>` is `{ id: string }`; of any text any names. */
export type Params<Template extends string> = string extends Template
  ? { [name: string]: string }
  : { [Name in NameOf<LevelOf<Template>>]: string };

/** What `fill` puts in the place of the names. */
export type Values<Template extends string> = { readonly [Name in keyof Params<Template>]: string | number };

type LevelOf<Template extends string> = Template extends `${infer Level}/${infer Rest}`
  ? Level | LevelOf<Rest>
  : Template;
type NameOf<Level extends string> = Level extends `::${string}`
  ? never
  : Level extends `:${infer Name}*`
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
  return found(filterOfLevels(levels), levels, topic) as Params<Template> | undefined;
}

/** A template, read once. */
export interface Template<Text extends string> {
  readonly filter: string;
  params(topic: string): Params<Text> | undefined;
  fill(values: Values<Text>): string;
}

/**
 * A template as a value, for `subscribe` of a client, whose handler gets what the names stand for; `filter`, `params` and
 * `fill` are as the functions of these names. In the text that a client subscribes to, a level that begins with a colon is
 * that level.
 *
 * ```ts
 * client.subscribe(template('devices/:id/state'), (message, { id }) => show(id, message.json()));
 * ```
 *
 * @throws {TopicError} as `filterOf`
 */
export function template<Text extends string>(text: Text): Template<Text> {
  const levels = read(text);
  const filter = filterOfLevels(levels);
  return {
    filter,
    params: (topic) => found(filter, levels, topic) as Params<Text> | undefined,
    fill: (values) => fill(text, values),
  };
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
export function fill<Template extends string>(template: Template, values: Values<Template>): string {
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

function found(filter: string, levels: readonly Level[], topic: string): Record<string, string> | undefined {
  // Those of a shared subscription have two levels in front (4.8.2).
  const shared = sharedFilter(filter);
  const skipped = shared ? 2 : 0;
  if (!matches(shared?.filter ?? filter, topic)) {
    return undefined;
  }
  const given = topic.split('/');
  const pairs = levels
    .slice(skipped)
    .flatMap(({ name, open }, index) =>
      name === undefined ? [] : [[name, open ? given.slice(index).join('/') : (given[index] ?? '')] as const],
    );
  return Object.fromEntries(pairs);
}

function read(template: string): Level[] {
  const texts = template.split('/');
  const names = new Set<string>();
  return texts.map((text, index) => {
    if (!text.startsWith(':') || text.startsWith('::')) {
      return { text: text.replace(/^::/, ':'), name: undefined, open: false };
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
