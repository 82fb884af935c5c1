import { bundledBytes } from '../bundle.ts';
import { importTime } from '../installed.ts';
import { digits } from './section.ts';

/** B8: what a program loads and carries. */
export async function* sizes(): AsyncGenerator<string, void> {
  for (const name of ['workflow', 'group-chat']) {
    const program = `./hello/${name}.ts`;
    const needed = await bundledBytes(program, { withLazy: false });
    const all = await bundledBytes(program, { withLazy: true });
    yield `hello world as a ${name}: ${kilobytes(needed)} KB, minified and gzipped; ${kilobytes(all)} KB with what it would load when needed`;
  }
  const empty = await importTime('node:os');
  const core = await importTime('@colloquy/core');
  yield `importing @colloquy/core: ${digits(core - empty)} ms more than a module of Node's`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
