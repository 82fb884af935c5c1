/**
 * Writes the JavaScript of every package to its `dist`: one module an entry, and one for each part that entries share or
 * that is loaded when needed. Node reads a few files sooner than a hundred. `tsc -b` writes the types, a file each.
 */
import { globSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { rolldown } from 'rolldown';

const packages = join(import.meta.dirname, '..', 'packages');
for (const name of readdirSync(packages)) {
  const root = join(packages, name);
  for (const old of globSync('dist/**/*.js{,.map}', { cwd: root })) rmSync(join(root, old));
  await bundle(root);
}

async function bundle(root: string): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input: entriesOf(root),
    // What is installed beside a package is not copied into it.
    external: (id, importer, isResolved) =>
      importer !== undefined && !isResolved && !id.startsWith('.'),
    platform: 'neutral',
  });
  await build.write({
    dir: join(root, 'dist'),
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  });
  await build.close();
}

/** The sources of what a package's exports and commands name, by their place in `dist`. */
function entriesOf(root: string): Record<string, string> {
  const manifest: {
    readonly exports: Record<string, { readonly default: string }>;
    readonly bin?: Record<string, string>;
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = [
    ...Object.values(manifest.exports).map((entry) => entry.default),
    ...Object.values(manifest.bin ?? {}),
  ];
  return Object.fromEntries(
    files.map((file) => {
      const place = file.replace(/^\.\/dist\/|\.js$/gu, '');
      return [place, join(root, 'src', `${place}.ts`)];
    }),
  );
}
