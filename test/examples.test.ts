import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const workspace = fileURLToPath(new URL('..', import.meta.url));
const examples = join(workspace, 'examples');
const stories = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'main.ts')));

function run(name: string, ...args: string[]): string {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, ...env } = process.env;
  return execFileSync(
    process.execPath,
    ['--conditions=@colloquy/source', join(examples, name, 'main.ts'), ...args],
    { encoding: 'utf8', env: { ...env, NO_COLOR: '1' } },
  );
}

describe('the examples', () => {
  it.each(stories.filter((name) => name !== 'demo'))(
    '%s prints what its output.txt shows',
    (name) => {
      expect(run(name)).toBe(readFileSync(join(examples, name, 'output.txt'), 'utf8'));
    },
  );

  it.each(stories)('%s has at most 80 lines', (name) => {
    const lines = readFileSync(join(examples, name, 'main.ts'), 'utf8')
      .trimEnd()
      .split('\n');

    expect(lines.length).toBeLessThanOrEqual(80);
  });

  it('the index names every one of them', () => {
    const index = readFileSync(join(examples, 'README.md'), 'utf8');

    expect(stories.filter((name) => !index.includes(`](${name}/main.ts)`))).toEqual([]);
  });

  it('the demo says what it runs on and starts its second task clean', () => {
    const lines = run('demo', 'Plan a picnic for six').trim().split('\n');

    expect(lines[0]).toMatch(/^Running on a rule-based stand-in, not a language model/);
    expect(lines.at(-1)).toBe(
      'After the reset the first request held 1 message; of the first task nothing was carried over.',
    );
  });

  it('the demo prints events as lines of JSON', () => {
    const events: unknown[] = run('demo', 'Plan a picnic for six', '--json')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

    expect(events[0]).toMatchObject({ type: 'demo' });
    expect(events[1]).toMatchObject({ type: 'started', seq: 1 });
    expect(events.at(-1)).toMatchObject({ type: 'status', state: 'idle' });
  });
});
