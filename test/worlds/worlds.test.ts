import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { textMessage } from '@colloquy/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { read } from './reading.ts';
import { endingsOf, SAMPLE } from './report.ts';
import { runTrial, type Trial } from './run-world.ts';
import { compare, spreadOf, wilson } from './statistics.ts';
import { STRATEGIES } from './strategies.ts';
import { evaluate } from './trials.ts';
import { createWorld, WORLD_NAMES } from './world.ts';

const anyTrial: fc.Arbitrary<Trial> = fc.record({
  world: fc.constantFrom(...WORLD_NAMES),
  isReset: fc.boolean(),
  strategy: fc.constantFrom(...STRATEGIES),
  seed: fc.nat(10_000),
});

describe('a trial', { timeout: 60_000 }, () => {
  it('comes to the same whenever it is made', async () => {
    await fc.assert(
      fc.asyncProperty(anyTrial, async (trial) => {
        expect(await runTrial(trial)).toEqual(await runTrial(trial));
      }),
      { numRuns: 25 },
    );
  });

  it.each(STRATEGIES)('leaves nothing for the second task after a reset: %s', async (strategy) => {
    const endings: string[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      const trial = { world: 'contaminated conversation' as const, isReset: true, strategy, seed };
      endings.push((await runTrial(trial)).ending);
    }

    expect(endings).not.toContain('wrong');
    expect(endings).toContain('right');
  });

  it('finds out where there is no reset', async () => {
    const trial = { world: 'contaminated conversation' as const, isReset: false, seed: 1 };

    expect(await runTrial({ ...trial, strategy: 'Magentic' })).toMatchObject({ ending: 'wrong' });
  });

  it('lets a team out of a dead end that notices it and knows what failed', async () => {
    const rightOf = async (strategy: (typeof STRATEGIES)[number]): Promise<number> => {
      let right = 0;
      for (let seed = 1; seed <= 15; seed += 1) {
        const { ending } = await runTrial({ world: 'dead end', isReset: true, strategy, seed });
        if (ending === 'right') right += 1;
      }
      return right;
    };

    expect(await rightOf('Magentic')).toBeGreaterThan(10);
    expect(await rightOf('Magentic, no stall detection')).toBeLessThan(5);
    expect(await rightOf('Magentic, wipes before it replans')).toBeLessThan(5);
  });
});

describe('docs/evaluation.md', () => {
  it('is of this code; if not, run `pnpm evaluate`', { timeout: 60_000 }, async () => {
    const report = readFileSync(join(import.meta.dirname, '../../docs/evaluation.md'), 'utf8');

    expect(report).toContain(`ended: ${endingsOf(await evaluate(SAMPLE))}.`);
  });
});

describe('a world', () => {
  it('tells in its task, names and descriptions nothing of what is hidden', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WORLD_NAMES), fc.nat(), (name, seed) => {
        const { task, specialists, routes } = createWorld(name, seed);
        const told = [task, ...specialists.flatMap((each) => [each.name, each.description])].join();
        const hidden = routes.flat().map(({ value }) => value);
        expect(hidden.filter((value) => told.includes(value))).toEqual([]);
        expect(told).not.toMatch(/closed|trap|distract|honest/);
      }),
    );
  });

  it('has the same words for both tasks, and other values', () => {
    const first = createWorld('contaminated conversation', 3);
    const second = createWorld('contaminated conversation', 3, 2);

    expect(second.task).toBe(first.task);
    expect(second.specialists).toEqual(first.specialists);
    expect(second.answers).not.toEqual(first.answers);
  });

  it('is read by what is said alone', () => {
    const { task, specialists } = createWorld('key chain', 1);
    const [first, second] = specialists.map(({ name }) => name);
    const messages = [
      textMessage('user', task),
      textMessage('assistant', 'FACT A-1 = v1', first),
      textMessage('assistant', 'I could not find step A-2.', second),
      textMessage('assistant', `Step A-2 is for ${first}.`, second),
    ];
    const reading = read(messages, [first ?? '', second ?? '']);

    expect(reading.routes).toHaveLength(1);
    expect([...reading.values]).toEqual([['A-1', 'v1']]);
    expect([...reading.failures]).toEqual([['A-2', 1]]);
    expect([...reading.passed]).toEqual([second]);
    expect(reading.sentTo).toBe(first);
  });
});

describe('the statistics', () => {
  it.each([
    // Values of the score interval as textbooks have them.
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [10, 10, 0.7225, 1],
    [290, 300, 0.9397, 0.9818],
  ])('give %i of %i the Wilson interval', (count, total, low, high) => {
    const share = wilson(count, total);

    expect(share.low).toBeCloseTo(low, 3);
    expect(share.high).toBeCloseTo(high, 3);
  });

  it('compare by seed', () => {
    expect(compare([true, true, false, true], [true, false, true, false])).toMatchObject({
      onlyFirst: 2,
      onlySecond: 1,
      shareOfFirst: { count: 2, total: 3 },
    });
  });

  it('give the middle half', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ low: 1, median: 2, high: 3 });
    expect(spreadOf([])).toEqual({ low: 0, median: 0, high: 0 });
  });
});
