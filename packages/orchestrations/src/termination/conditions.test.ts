import { ConfigurationError, type Message, textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { costBudget, tokenBudget } from './budgets.ts';
import { external } from './external.ts';
import { functionCall } from './function-call.ts';
import { noProgress } from './no-progress.ts';
import { sourceMatch } from './source-match.ts';
import { type TerminationView } from './termination-condition.ts';
import { timeout } from './timeout.ts';

const viewOf = (view: Partial<TerminationView> = {}): TerminationView => ({
  conversation: [],
  fullConversation: [],
  round: 0,
  totalRounds: 0,
  usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  toolCalls: [],
  ...view,
});
const used = (inputTokens: number, outputTokens: number): TerminationView =>
  viewOf({ usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens } });
const said = (...texts: string[]): TerminationView =>
  viewOf({
    conversation: texts.map((text): Message => textMessage('assistant', text, 'a')),
  });

describe('budgets', () => {
  it.each([
    [99, undefined],
    [100, 'tokenBudget(100)'],
  ])('%i tokens', (tokens, answer) => {
    expect(tokenBudget(100).check(used(tokens, 0))).toBe(answer);
  });

  it.each([
    [1000, 999, undefined],
    [1000, 1000, 'costBudget(0.012)'],
  ])('%i tokens in and %i out', (input, output, answer) => {
    expect(costBudget(0.012, { input: 2, output: 10 }).check(used(input, output))).toBe(answer);
  });

  it.each<[string, () => unknown]>([
    ['no tokens', () => tokenBudget(0)],
    ['no number', () => tokenBudget(Number.NaN)],
    ['no prices', () => costBudget(1, undefined as never)],
    ['a price below 0', () => costBudget(1, { input: -1, output: 0 })],
  ])('refuse %s', (_, build) => {
    expect(build).toThrow(ConfigurationError);
  });
});

describe('timeout', () => {
  function clocked() {
    const clock = { time: 1000 };
    return { clock, condition: timeout(50, { now: () => clock.time }) };
  }

  it('counts from the input of the run', () => {
    const { clock, condition } = clocked();
    clock.time += 1000;
    const begun = condition.check(viewOf());
    clock.time += 49;
    const before = condition.check(viewOf());
    clock.time += 1;

    expect([begun, before, condition.check(viewOf())]).toEqual([
      undefined,
      undefined,
      'timeout(50)',
    ]);
  });

  it('begins again when it is reset', async () => {
    const { clock, condition } = clocked();
    await condition.check(viewOf());
    clock.time += 60;
    condition.reset();

    expect(condition.check(viewOf())).toBeUndefined();
  });

  it('goes on from a checkpoint without the time in between', async () => {
    const { clock, condition } = clocked();
    await condition.check(viewOf());
    clock.time += 30;
    const saved = condition.onCheckpointSave();
    const { clock: later, condition: restored } = clocked();
    later.time = 99_000;
    restored.onCheckpointRestore(saved);
    later.time += 19;
    const before = restored.check(viewOf());
    later.time += 1;

    expect([before, restored.check(viewOf())]).toEqual([undefined, 'timeout(50)']);
  });

  it('refuses no time', () => {
    expect(() => timeout(0)).toThrow(ConfigurationError);
  });
});

describe('sourceMatch', () => {
  it.each([
    [['a', 'b'], 'sourceMatch("a")'],
    [['b'], undefined],
  ])('waits for one of %o', (names, answer) => {
    expect(sourceMatch(...names).check(said('hi'))).toBe(answer);
  });

  it('refuses nobody', () => {
    expect(() => sourceMatch()).toThrow(ConfigurationError);
  });
});

describe('functionCall', () => {
  it.each([
    ['look', 'functionCall("look")'],
    ['lo', undefined],
  ])('waits for a call of %s', (tool, answer) => {
    expect(functionCall(tool).check(viewOf({ toolCalls: ['look'] }))).toBe(answer);
  });

  it('refuses no name', () => {
    expect(() => functionCall('')).toThrow(ConfigurationError);
  });
});

describe('noProgress', () => {
  it.each([
    [['a', 'b', 'c'], undefined],
    [['a', 'b', 'A.'], undefined],
    [['a', 'b', 'A.', ' b! '], 'noProgress(2)'],
    [['a', 'a', 'b', 'a'], undefined],
    [[], undefined],
  ])('with %o', (texts, answer) => {
    expect(noProgress().check(said(...texts))).toBe(answer);
  });

  it('does not count the input', () => {
    const conversation = ['a', 'a', 'a'].map((text) => textMessage('user', text));

    expect(noProgress(1).check(viewOf({ conversation }))).toBeUndefined();
  });

  it('refuses a count below 1', () => {
    expect(() => noProgress(0)).toThrow(ConfigurationError);
  });
});

describe('external', () => {
  it('holds once it is told to', () => {
    const condition = external();
    const before = condition.check();
    condition.stop('the user has left');

    expect([before, condition.check()]).toEqual([undefined, 'the user has left']);
  });

  it('is undone by a reset, and kept in a checkpoint', () => {
    const [condition, restored] = [external(), external()];
    condition.stop();
    restored.onCheckpointRestore(condition.onCheckpointSave());
    condition.reset();

    expect([condition.check(), restored.check()]).toEqual([undefined, 'external']);
  });
});
