import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

/** Bytes of a program with everything it imports, minified and gzipped, as esbuild bundles it. */
export async function bundledBytes(program: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['@colloquy/source'],
  });
  return gzipSync(outputFiles[0]?.contents ?? '').byteLength;
}
