import { Agent } from '@colloquy/core';
import { handoff } from '@colloquy/orchestrations';
import { type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import {
  expectedHandoff,
  type HandoffStep,
  type ModelCall,
  observedHandoff,
  readHandoffSteps,
} from './handoff-trace.ts';

/** An agent on a script, whose model's requests are noted. */
function participant(name: string, script: readonly ScriptEntry[], calls: ModelCall[]): Agent {
  const entries = script.map((entry): ScriptEntry => (request) => {
    calls.push({ agent: name, request });
    return entry;
  });
  return new Agent({ name, client: scripted(entries) });
}

/** Steps that one instance of the program was taken through. */
function conversationsOf(steps: readonly HandoffStep[]): HandoffStep[][] {
  const conversations: HandoffStep[][] = [];
  for (const step of steps) {
    if (step.input !== undefined) conversations.push([]);
    conversations.at(-1)?.push(step);
  }
  return conversations;
}

describe('the reference trace of a handoff, a question and its answer (H01)', () => {
  const conversations = conversationsOf(readHandoffSteps('h01-handoff-chain'));

  it.each(conversations.map((steps) => [steps[0]?.mode, steps] as const))(
    'matches: %s',
    async (_mode, steps) => {
      const calls: ModelCall[] = [];
      const team = handoff({
        participants: [
          participant('triage', [[toolCall('handoff_to_refund'), 'routing you']], calls),
          participant('refund', ['order number?', 'thanks 123'], calls),
        ],
        start: 'triage',
        until: ({ conversation }) => conversation.filter(({ role }) => role === 'user').length >= 2,
      });
      const [question, answer] = steps;
      const [text] = Object.values(answer?.responses ?? {}).flatMap((said) =>
        said.map((message) => message.text),
      );
      const run = team.stream(question?.input ?? '');

      const asked = await observedHandoff(run, () => calls.splice(0));
      const { pendingRequests } = await run.result;
      const resumed = team.streamResume({
        responses: { [pendingRequests[0]?.id ?? '']: { text } },
      });
      const answered = await observedHandoff(resumed, () => calls.splice(0));

      expect([asked, answered]).toEqual(steps.map(expectedHandoff));
      expect((await resumed.result).stopReason).toEqual({ code: 'until', detail: 'predicate' });
    },
  );
});

describe('the reference trace of autonomous turns (H04)', () => {
  it.each(readHandoffSteps('h04-handoff-autonomous'))('matches in $step', async (step) => {
    const calls: ModelCall[] = [];
    const team = handoff({
      participants: [
        participant('t', [toolCall('handoff_to_w')], calls),
        participant('w', ['w1', 'w2', 'w3'], calls),
      ],
      start: 't',
      // The reference says this in its own words.
      autonomous: { maxTurns: 2, prompt: 'User did not respond. Continue assisting autonomously.' },
    });

    const observed = await observedHandoff(team.stream(step.input ?? ''), () => calls);

    expect(observed).toEqual(expectedHandoff(step));
  });
});
