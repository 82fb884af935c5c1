import { describe, expect, it } from 'vitest';

import { readBy, speaker, type Speaker } from '../../test/speaker.ts';
import { concurrent } from '../concurrent/concurrent.ts';
import { sequential } from '../sequential/sequential.ts';
import { type HumanGateAnswer, type HumanGateOptions } from './human-gate.ts';

interface Paused {
  readonly pendingRequests: readonly { readonly id: string; readonly data: unknown }[];
}

/** One answer to every question, in the order of the questions. */
const answersTo = ({ pendingRequests }: Paused, ...answers: HumanGateAnswer[]) => ({
  responses: Object.fromEntries(pendingRequests.map(({ id }, index) => [id, answers[index]])),
});

const textsOf = ({ outputs }: { outputs: readonly { text: string }[] }): string[] =>
  outputs.map(({ text }) => text);

const callsOf = (one: Speaker): string[][] =>
  one.client.requests.map((_, call) => readBy(one, call));

const APPROVE: HumanGateAnswer = { action: 'approve' };
const AGAIN: HumanGateAnswer = { action: 'feedback', text: 'Again.' };

function panelOf(
  humanGate: HumanGateOptions,
  mode: 'all' | 'settled',
  ...speakers: readonly Speaker[]
) {
  return concurrent({
    participants: speakers.map(({ agent }) => agent),
    humanGate,
    mode,
    aggregate: (results) => results.map(({ response, error }) => response?.text ?? String(error)),
  });
}

/** A reply that fails once another branch has answered. */
function lateFailure() {
  const { promise: answered, resolve: hasAnswered } = Promise.withResolvers<void>();
  const failLate = async (): Promise<never> => {
    await answered;
    throw new Error('down');
  };
  return { failLate, hasAnswered };
}

/** Reads a run to its end, and tells when `a` has answered. */
async function follow(
  run: AsyncIterable<{ readonly type: string; readonly executorId?: string }>,
  hasAnswered: () => void,
): Promise<void> {
  for await (const { type, executorId } of run)
    if (type === 'executor_completed' && executorId === 'a') hasAnswered();
}

describe('a gate that was left half-way', () => {
  it('tells of replaced words before a turn that was asked for meanwhile is taken (U3, U4)', async () => {
    const [a, b] = [speaker('a', 'draft', 'A2'), speaker('b', 'B1', 'B2')];
    const team = sequential({
      participants: [a.agent, b.agent],
      humanGate: { when: 'after', participants: ['a'] },
    });

    await team.run('one');
    const paused = await team.run('two');
    const second = await team.resume(answersTo(paused, { action: 'replace', text: 'Mine.' }));
    const done = await team.resume(answersTo(second, APPROVE));

    const note = expect.stringMatching(/replaced your last reply.*Mine\.$/s);
    expect(callsOf(a)).toEqual([['one'], ['one', 'draft', 'two', note]]);
    expect([textsOf(second), textsOf(done)]).toEqual([['B1'], ['B2']]);
  });

  it('has sent what was approved, also where another branch failed at the same time (U7)', async () => {
    const [a, b] = [speaker('a', 'A'), speaker('b', 'draft', new Error('down'), 'B')];
    const panel = panelOf({ when: 'after' }, 'all', a, b);

    const paused = await panel.run('task');
    await expect(panel.resume(answersTo(paused, APPROVE, AGAIN))).rejects.toThrow('down');
    const asked = await panel.resume(answersTo(paused, APPROVE, AGAIN));
    const done = await panel.resume(answersTo(asked, APPROVE));

    expect([done.outputs, done.pendingRequests]).toEqual([[['A', 'B']], []]);
  });

  it('sends what was said, also where another branch failed after it (U7)', async () => {
    const { failLate, hasAnswered } = lateFailure();
    const [a, b] = [speaker('a', 'A'), speaker('b', failLate, 'B')];
    const panel = panelOf({ when: 'before' }, 'all', a, b);

    const paused = await panel.run('task');
    const run = panel.streamResume(answersTo(paused, APPROVE, APPROVE));
    await follow(run, hasAnswered);
    await expect(run.result).rejects.toThrow('down');
    const done = await panel.resume(answersTo(paused, APPROVE, APPROVE));

    expect([done.outputs, a.client.requests.length]).toEqual([[['A', 'B']], 1]);
  });

  it.each(['before', 'after'] as const)(
    'is answered again where the answer’s run was cancelled: %s (U7)',
    async (when) => {
      const a = speaker('a', 'A1');
      const team = sequential({ participants: [a.agent], humanGate: { when } });

      const paused = await team.run('task');
      const stop = new AbortController();
      const run = team.streamResume({ ...answersTo(paused, APPROVE), signal: stop.signal });
      const ended = run.result.catch((error: unknown) => error);
      await follow(run, () => {
        stop.abort();
      }).catch(() => {});
      const done = await team.resume(answersTo(paused, APPROVE));

      expect(await ended).toMatchObject({ name: 'AbortError' });
      expect([textsOf(done), a.client.requests.length]).toEqual([['A1'], 1]);
    },
  );

  it('asks about a draft again, where another branch failed at the same time (U6)', async () => {
    const { failLate, hasAnswered } = lateFailure();
    const [a, b] = [speaker('a', 'draft', 'A'), speaker('b', 'draft', failLate, 'B')];
    const panel = panelOf({ when: 'after' }, 'all', a, b);

    const paused = await panel.run('task');
    const run = panel.streamResume(answersTo(paused, AGAIN, AGAIN));
    await follow(run, hasAnswered);
    await expect(run.result).rejects.toThrow('down');
    const asked = await panel.resume(answersTo(paused, AGAIN, AGAIN));
    const done = await panel.resume(answersTo(asked, APPROVE, APPROVE));

    expect([done.outputs, done.pendingRequests]).toEqual([[['A', 'B']], []]);
    expect(a.client.requests).toHaveLength(2);
  });

  it('forgets a draft whose next version failed, where failures are results (U8)', async () => {
    const [a, b] = [speaker('a', 'draft', new Error('down'), 'A2'), speaker('b', 'B1', 'B2')];
    const panel = panelOf({ when: 'after', participants: ['a'] }, 'settled', a, b);

    const first = await panel.resume(answersTo(await panel.run('one'), AGAIN));
    const second = await panel.run('two');
    const done = await panel.resume(answersTo(second, APPROVE));

    expect(second.pendingRequests[0]?.data).toEqual({ participant: 'a', draft: 'A2' });
    expect([first.outputs, done.outputs]).toEqual([[['Error: down', 'B1']], [['A2', 'B2']]]);
    expect(readBy(a, 2)).toEqual(['one', 'draft', 'two']);
  });
});
