import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { bundledBytes } from '../bundle.ts';
import { median } from '../measure.ts';
import { digits } from './section.ts';

const run = promisify(execFile);

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

/** Milliseconds that a new process needs to import a module, as built. */
async function importTime(name: string): Promise<number> {
  const code = `const start = performance.now(); await import('${name}'); console.log(performance.now() - start);`;
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code]);
    times.push(Number(stdout));
  }
  return median(times);
}
