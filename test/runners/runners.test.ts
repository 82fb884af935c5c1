import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { registerSmokeTests } from './smoke.ts';

const cases: { name: string; run: () => Promise<void> }[] = [];
registerSmokeTests({ test: (name, run) => cases.push({ name, run }) });

describe('the kit in vitest', () => {
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the kit in node:test', () => {
  it('works as it does here', () => {
    const file = join(import.meta.dirname, 'node-runner.ts');
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const args = ['--conditions=@colloquy/source', '--test', '--test-reporter=tap', file];

    const output = execFileSync(process.execPath, args, { encoding: 'utf8', env });

    expect(output).toMatch(/# tests 4\n/);
    expect(output).toMatch(/# fail 0\n/);
  });
});
