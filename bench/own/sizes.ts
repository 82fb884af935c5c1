import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { bundledBytes } from '../bundle.ts';
import { median } from '../measure.ts';
import { digits } from './section.ts';

const run = promisify(execFile);

/** B8: what a program loads and carries. */
export async function* sizes(): AsyncGenerator<string, void> {
  for (const name of ['workflow', 'group-chat']) {
    const bytes = await bundledBytes(`./hello/${name}.ts`);
    yield `hello world as a ${name}: ${(bytes / 1024).toFixed(1)} KB, minified and gzipped`;
  }
  const empty = await importTime('node:os');
  const core = await importTime('@colloquy/core');
  yield `importing @colloquy/core: ${digits(core - empty)} ms more than a module of Node's`;
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
