import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build, type Plugin } from 'esbuild';

/** Leaves out of a bundle what a program loads with `import()` once it needs it. */
export const leaveOutLazy: Plugin = {
  name: 'leave out what is loaded when needed',
  setup: (builder) => {
    builder.onResolve({ filter: /^/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** Which parts a bundle has. */
export interface BundleOptions {
  /** Whether it holds what is loaded with `import()` too. */
  readonly withLazy: boolean;
}

/** A program with everything it imports, as one module, minified. */
export async function bundleOf(program: string, { withLazy }: BundleOptions): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['@colloquy/source'],
    plugins: withLazy ? [] : [leaveOutLazy],
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`Expected a bundle of ${program}, got none.`);
  return file.contents;
}

/** Bytes of such a bundle, gzipped. */
export async function bundledBytes(program: string, options: BundleOptions): Promise<number> {
  return gzipSync(await bundleOf(program, options)).byteLength;
}
