import { Agent, type Workflow } from '@colloquy/core';
import { expectCleanReset, type ScriptEntry, scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { concurrent } from '../src/concurrent/concurrent.ts';
import { groupChat } from '../src/group-chat/group-chat.ts';
import { roundRobin } from '../src/group-chat/selectors.ts';
import { handoff } from '../src/handoff/handoff.ts';
import { magentic } from '../src/magentic/magentic.ts';
import { sequential } from '../src/sequential/sequential.ts';
import { answerAnything, ResetWorld } from './reset-world.ts';

const agent = (name: string, script: readonly ScriptEntry[] = ['1', '2', '3', '4']): Agent =>
  new Agent({ name, client: scripted(script) });

const decide = (speaker: string | null): ScriptEntry => ({
  terminate: speaker === null,
  reason: '',
  next_speaker: speaker,
  final_message: null,
});

const item = (answer: boolean | string) => ({ reason: '', answer });
const ledger = (satisfied: boolean, progress: boolean): ScriptEntry => ({
  is_request_satisfied: item(satisfied),
  is_in_loop: item(false),
  is_progress_being_made: item(progress),
  next_speaker: item('a'),
  instruction_or_question: item('go on'),
});
const planner = (): Agent =>
  agent('mgr', [
    'facts',
    'plan',
    ledger(false, true),
    ledger(false, false),
    'facts 2',
    'plan 2',
    ledger(false, true),
    ledger(true, true),
    'answer',
  ]);

/** Makes executors that count their turns, and agents that hand over. */
const world = new ResetWorld(0, false);

/** One team of each kind, with everything that a team of the kind may remember. */
const teams: Readonly<Record<string, () => Workflow<string>>> = {
  'a group chat in turn': () =>
    groupChat({
      participants: [agent('a'), agent('b')],
      selectSpeaker: roundRobin(),
      maxRounds: 3,
    }),
  'a group chat that an agent leads': () =>
    groupChat({
      participants: [agent('a'), agent('b')],
      orchestrator: agent('lead', [decide('a'), decide('b'), decide(null)]),
    }),
  'a group chat that waits for a human': () =>
    groupChat({
      participants: [agent('a'), agent('b')],
      selectSpeaker: roundRobin(),
      maxRounds: 2,
      humanGate: { when: 'after' },
    }),
  'a Magentic team': () =>
    magentic({ participants: [agent('a'), agent('b')], manager: planner(), maxStalls: 0 }),
  'a Magentic team whose plans are reviewed': () =>
    magentic({
      participants: [agent('a'), world.member('b', 'executor')],
      manager: planner(),
      maxStalls: 0,
      planReview: 'always',
      stallReview: true,
    }),
  'a sequence': () =>
    sequential({ participants: [agent('a'), world.member('b', 'executor'), agent('c')] }),
  'concurrent agents': () =>
    concurrent({ participants: [agent('a'), world.member('b', 'executor'), agent('c')] }),
  'concurrent agents of which one waits for a human': () =>
    concurrent({ participants: [agent('a'), agent('b')], humanGate: { when: 'after' } }),
  'a handoff': () =>
    handoff({
      participants: [world.hander('ann', ['ann', 'ben']), world.hander('ben', ['ann', 'ben'])],
      start: 'ann',
      returnToPrevious: true,
      autonomous: { maxTurns: 1 },
    }),
};

describe.each(Object.keys(teams))('the reset of %s', (what) => {
  const build = teams[what] ?? (() => sequential({ participants: [agent('a')] }));
  const inputs = { first: 'first task', second: 'second task', reachable: true };

  it('leaves nothing of a conversation that has ended', async () => {
    await expect(
      expectCleanReset(build, { ...inputs, answer: answerAnything }),
    ).resolves.toBeUndefined();
  });

  it('leaves nothing of a conversation that waits', async () => {
    await expect(expectCleanReset(build, inputs)).resolves.toBeUndefined();
  });

  it('leaves nothing of a conversation that goes on after a part of it', async () => {
    const hold = async (workflow: Workflow<string>, first: string): Promise<void> => {
      const stream = workflow.stream(first);
      for await (const event of stream)
        if (event.type === 'superstep_completed' && 'superstep' in event && event.superstep === 3)
          break;
      await stream.result.catch(() => {});
    };

    await expect(
      expectCleanReset(build, { ...inputs, hold, answer: answerAnything }),
    ).resolves.toBeUndefined();
  });
});
