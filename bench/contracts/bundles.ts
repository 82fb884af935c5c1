import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleOf } from '../bundle.ts';

/** The programs whose size is checked, with what each prints. */
const HELLOS: readonly (readonly [program: string, printed: string])[] = [
  ['./hello/workflow.ts', "[ 'Hello WORLD' ]\n"],
  ['./hello/group-chat.ts', "[ 'Hello.', 'Hello.', 'Hello.', 'Hello.' ]\n"],
];

/** Which hello worlds need more than what their size counts: what is loaded when needed is not there. */
export async function incompleteBundles(): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-bundle-'));
  try {
    const incomplete: string[] = [];
    for (const [program, expected] of HELLOS) {
      const file = join(folder, 'hello.mjs');
      writeFileSync(file, await bundleOf(program, { withLazy: false }));
      if (outputOf(file) !== expected) incomplete.push(program);
    }
    return incomplete;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outputOf(file: string): string {
  try {
    return execFileSync(process.execPath, [file], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return String(error);
  }
}
