/**
 * The types of the package: those that its modules reach, and no others. Types of what is inside, the glue of the
 * WebAssembly above all, do not leave the project.
 */

import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { peers } from './bundle.mjs';
import { root, run } from './steps.mjs';

/**
 * @param {readonly string[]} modules
 * @param {NodeJS.ProcessEnv} env
 */
export async function declarations(modules, env) {
  const all = join(root, 'target/types');
  const dist = join(root, 'dist');
  await rm(all, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', join(root, 'scripts/build/tsconfig.json'), '--outDir', all], env);

  const outside = await peers();
  const reached = new Set(modules);
  for (const name of reached) {
    const text = await readFile(join(all, `${name}.d.ts`), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from |import\()'([^']*)'/g)) {
      if (outside.some((name) => path === name || path.startsWith(`${name}/`))) {
        continue;
      }
      const other = /^\.\.?\/[\w./-]+\.js$/.test(path) && posix.join(posix.dirname(name), path.replace(/\.js$/, ''));
      if (!other || other.startsWith('.') || other.startsWith('generated')) {
        throw new Error(`${name}.d.ts names ${path}, which is not part of the package`);
      }
      reached.add(other);
    }
  }
  for (const old of await readdir(dist, { recursive: true })) {
    if (old.endsWith('.d.ts')) {
      await rm(join(dist, old));
    }
  }
  for (const name of reached) {
    const to = join(dist, `${name}.d.ts`);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(all, `${name}.d.ts`), to);
  }
}
