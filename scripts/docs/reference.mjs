/**
 * The reference: a page of Markdown for each entry of the package, made by TypeDoc of the types that are shipped. It
 * does not know the site.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, textOf } from '../setup/places.mjs';
import { run } from '../setup/run.mjs';
import { PlainError } from '../setup/say.mjs';

/** Types that say how others are written, and are no use by themselves: where they are named they need no page. */
const INSIDE = [
  'Callback',
  'EventData',
  'Key',
  'LevelOf',
  'MessageProperties',
  'NameOf',
  'Optional',
  'PacketData',
  'Payload',
  'Reader',
  'Reasons',
  'Send',
  'StreamEvents',
  'Truthy',
];

/**
 * The entries: their names in the package, and their pages.
 *
 * @returns {{ name: string, file: string, types: string }[]}
 */
export function entries() {
  const { name: own, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, { types }]) => types !== undefined)
    .map(([path, { types }]) => ({
      name: path === '.' ? own : `${own}/${path.slice(2)}`,
      file: path === '.' ? own : path.slice(2),
      types: join(root, types),
    }));
}

/**
 * Writes the pages.
 *
 * @param {string} folder
 */
export async function writeReference(folder) {
  const all = entries();
  const scratch = join(root, 'target/docs-reference');
  rmSync(scratch, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  // The compiler's own words for what the types are written in.
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable', 'ESNext.Disposable'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: all.map(({ types }) => types) }),
  );
  writeFileSync(
    join(scratch, 'typedoc.json'),
    JSON.stringify({
      plugin: ['typedoc-plugin-markdown'],
      tsconfig: join(scratch, 'tsconfig.json'),
      entryPoints: all.map(({ types }) => types),
      out: join(scratch, 'pages'),
      router: 'module',
      readme: 'none',
      githubPages: false,
      disableSources: true,
      excludeExternals: true,
      excludeInternal: true,
      excludePrivate: true,
      excludeProtected: true,
      intentionallyNotExported: INSIDE,
      treatWarningsAsErrors: true,
      hideBreadcrumbs: true,
      hidePageHeader: true,
      hidePageTitle: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      propertyMembersFormat: 'table',
      typeDeclarationFormat: 'table',
      enumMembersFormat: 'table',
      tableColumnSettings: { hideInherited: true, hideOverrides: true, hideModifiers: true, hideSources: true },
      useCodeBlocks: true,
    }),
  );
  const args = [
    '--import',
    new URL('typescript.mjs', import.meta.url).href,
    join(root, 'node_modules/typedoc/bin/typedoc'),
    '--options',
    join(scratch, 'typedoc.json'),
  ];
  const { ok, output } = await run(process.execPath, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
  if (!ok) {
    throw new PlainError(`The reference could not be made:\n${output.trimEnd()}`);
  }
  finish(join(scratch, 'pages'), folder, all);
}

/**
 * Makes one page for each entry of what TypeDoc has written, with its title and what its module says of itself.
 *
 * @param {string} from
 * @param {string} to
 * @param {ReturnType<typeof entries>} all
 */
function finish(from, to, all) {
  const [main] = all;
  mkdirSync(to, { recursive: true });
  for (const { name, file, types } of all) {
    const written = file === main?.file ? 'index' : file;
    // A module with namespaces has a folder. Its namespaces say the same again under other names.
    const flat = textOf(join(from, `${written}.md`));
    const text = flat ?? readFileSync(join(from, written, 'README.md'), 'utf8').replaceAll('](../', '](');
    const body = tidied(text)
      .replaceAll(/\]\(([\w-]+)\/README\.md/g, ']($1.md')
      .replaceAll('](index.md', `](${main?.file}.md`)
      // TypeDoc takes the field `code` of `MqttError` for a namesake.
      .replaceAll('#mqtterrorcode-1', '#mqtterrorcode');
    writeFileSync(join(to, `${file}.md`), `---\neditLink: false\n---\n\n# ${name}\n\n${about(types)}\n\n${body}`);
  }
  const list = all.map(({ name, file, types }) => `| [\`${name}\`](${file}.md) | ${firstSentence(about(types))} |`);
  const intro = 'Made of the types that are shipped. What an error means is in [errors](../errors.md).';
  writeFileSync(
    join(to, 'index.md'),
    ['---', 'editLink: false', '---', '', '# Reference', '', intro, '', '| entry | |', '|---|---|', ...list, ''].join(
      '\n',
    ),
  );
}

/**
 * Without what is no help to who looks something up: where a member was first declared, a section for each name that is
 * exported a second time.
 *
 * @param {string} text
 */
function tidied(text) {
  const own = text
    .replaceAll(/^#+ (?:Overrides|Inherited from|Implementation of)\n\n[^\n]+\n\n/gm, '')
    .replaceAll(/^## Namespaces\n\n(?:- .*\n)+\n/gm, '');
  const [kept = '', references] = own.split(/^## References\n/m);
  const links = [...(references ?? '').matchAll(/^Re-exports (\[.*\]\(.*\))$/gm)].map(([, link]) => link);
  return links.length > 0 ? `${kept}## The same as elsewhere\n\n${links.join(', ')}\n` : kept;
}

/**
 * The comment that begins a module.
 *
 * @param {string} types
 */
function about(types) {
  const [, comment = ''] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(types, 'utf8')) ?? [];
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim()
    .replace(/^`wasmqtt\/\w+`: (.)/, (_, first) => first.toUpperCase())
    .replaceAll(/`docs\/([\w-]+\.md)`/g, '[$1](../$1)');
}

/** @param {string} text */
function firstSentence(text) {
  return (/^.*?[.:](?=\s|$)/s.exec(text)?.[0] ?? text).replaceAll('\n', ' ').replace(/:$/, '.');
}
