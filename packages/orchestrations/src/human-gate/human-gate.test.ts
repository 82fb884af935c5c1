import {
  Agent,
  agentExecutor,
  AgentSession,
  AgentUpdate,
  ConfigurationError,
  defineExecutor,
  defineTool,
  MemoryCheckpointStore,
  textMessage,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { readBy, speaker, type Speaker } from '../../test/speaker.ts';
import { concurrent } from '../concurrent/concurrent.ts';
import { groupChat } from '../group-chat/group-chat.ts';
import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { roundRobin } from '../group-chat/selectors.ts';
import { sequential } from '../sequential/sequential.ts';
import { HumanGate, type HumanGateAnswer, type HumanGateOptions } from './human-gate.ts';

interface Paused {
  readonly pendingRequests: readonly { readonly id: string; readonly data: unknown }[];
}

/** The answer to the only question. */
const answerTo = (paused: Paused, answer: HumanGateAnswer) => ({
  responses: { [paused.pendingRequests[0]?.id ?? '']: answer },
});

const textsOf = ({ outputs }: { outputs: readonly { text: string }[] }): string[] =>
  outputs.map(({ text }) => text);

function chatOf(humanGate: HumanGateOptions, ...speakers: Speaker[]) {
  const participants = speakers.map(({ agent }) => agent);
  const maxRounds = speakers.length;
  return groupChat({ participants, humanGate, maxRounds, selectSpeaker: roundRobin() });
}

describe('a gate before a turn', () => {
  const gate: HumanGateOptions = { when: 'before', participants: ['b'] };

  it('runs the agent once the human approves, not before (U1)', async () => {
    const [a, b] = [speaker('a', 'A'), speaker('b', 'B')];
    const chat = chatOf(gate, a, b);

    const paused = await chat.run('task');
    expect(paused.pendingRequests[0]).toMatchObject({
      type: HumanGate.tag,
      executorId: 'b',
      data: { participant: 'b' },
    });
    expect([textsOf(paused), b.client.requests.length]).toEqual([['A'], 0]);

    const done = await chat.resume(answerTo(paused, { action: 'approve' }));
    expect([textsOf(done), readBy(b)]).toEqual([['B'], ['task', 'A']]);
    expect(done.stopReason.code).toBe('maxRounds');
  });

  it('gives advice to the one who speaks next, and to nobody else', async () => {
    const [a, b, c] = [speaker('a', 'A'), speaker('b', 'B'), speaker('c', 'C')];
    const chat = chatOf(gate, a, b, c);

    const paused = await chat.run('task');
    await chat.resume(answerTo(paused, { action: 'feedback', text: 'Be brief.' }));

    expect([readBy(b), readBy(c)]).toEqual([
      ['task', 'A', 'Be brief.'],
      ['task', 'A', 'B'],
    ]);
  });

  it('takes the words of the human for those of the participant, which learns of them (U1, U3)', async () => {
    const [a, b] = [speaker('a', 'A1', 'A2'), speaker('b', 'B2')];
    const chat = groupChat({
      participants: [a.agent, b.agent],
      humanGate: gate,
      maxRounds: 4,
      selectSpeaker: roundRobin(),
    });

    const paused = await chat.run('task');
    const again = await chat.resume(answerTo(paused, { action: 'replace', text: 'Mine.' }));
    expect([textsOf(again), b.client.requests.length]).toEqual([['Mine.', 'A2'], 0]);
    await chat.resume(answerTo(again, { action: 'approve' }));

    expect(readBy(a, 1)).toEqual(['task', 'A1', 'Mine.']);
    expect(readBy(b)).toEqual([
      'task',
      'A1',
      expect.stringMatching(/in your place.*Mine\.$/s),
      'A2',
    ]);
  });

  it('asks again what nobody was asked, because the run was cancelled (U6)', async () => {
    const b = speaker('b', 'B');
    const chat = chatOf({ when: 'before' }, b);
    const stop = new AbortController();
    const stream = chat.stream('task', { signal: stop.signal });
    const until = async (): Promise<void> => {
      for await (const event of stream) if (event.type === 'request_info') stop.abort();
    };
    await until().catch(() => {});
    await stream.result.catch(() => {});

    const paused = await chat.run('go on');
    expect(paused.pendingRequests).toHaveLength(1);
    const done = await chat.resume(answerTo(paused, { action: 'approve' }));
    expect([textsOf(done), readBy(b)]).toEqual([['B'], ['task', 'go on']]);
  });

  it('can be answered again where the model failed', async () => {
    const b = speaker('b', new Error('down'), 'B');
    const chat = chatOf({ when: 'before' }, b);
    const paused = await chat.run('task');
    await expect(chat.resume(answerTo(paused, { action: 'approve' }))).rejects.toThrow('down');
    const done = await chat.resume(answerTo(paused, { action: 'feedback', text: 'Again.' }));
    expect([textsOf(done), readBy(b, 1)]).toEqual([['B'], ['task', 'Again.']]);
  });
});

describe('a gate after a turn', () => {
  const gate: HumanGateOptions = { when: 'after', participants: ['a'] };

  it('shows its draft as one, and as no part of what the team says as an agent (U2)', async () => {
    const chat = chatOf({ when: 'after' }, speaker('a', 'A', 'A'));
    const agent = chat.fork().asAgent();
    const drafts: unknown[] = [];
    const said: string[] = [];

    for await (const event of chat.stream('task'))
      if (AgentUpdate.is(event)) drafts.push(event.isDraft);
    for await (const { text } of agent.stream('task')) said.push(text);

    expect(new Set(drafts)).toEqual(new Set([true]));
    expect(said.join('')).toBe('');
  });

  it('shows the draft, and lets nobody else read it until the human approves (U2)', async () => {
    const [a, b] = [speaker('a', 'A'), speaker('b', 'B')];
    const chat = chatOf(gate, a, b);

    const paused = await chat.run('task');
    expect(paused.pendingRequests[0]?.data).toEqual({ participant: 'a', draft: 'A' });
    expect([textsOf(paused), b.client.requests.length]).toEqual([[], 0]);

    const done = await chat.resume(answerTo(paused, { action: 'approve' }));
    expect([textsOf(done), readBy(b)]).toEqual([
      ['A', 'B'],
      ['task', 'A'],
    ]);
  });

  it('has the agent try again until it is right; drafts stay in its session and count (U2)', async () => {
    const [a, b] = [speaker('a', 'draft 1', 'draft 2', 'A'), speaker('b', 'B')];
    const chat = chatOf(gate, a, b);

    const first = await chat.run('task');
    const second = await chat.resume(answerTo(first, { action: 'feedback', text: 'shorter' }));
    const third = await chat.resume(
      answerTo(second, { action: 'feedback', text: 'shorter still' }),
    );
    const done = await chat.resume(answerTo(third, { action: 'approve' }));

    expect([textsOf(done), readBy(b)]).toEqual([
      ['A', 'B'],
      ['task', 'A'],
    ]);
    expect(readBy(a, 2)).toEqual(['task', 'draft 1', 'shorter', 'draft 2', 'shorter still']);
  });

  it('sends the words of the human on instead (U3)', async () => {
    const [a, b] = [speaker('a', 'draft', 'A2'), speaker('b', 'B')];
    const chat = groupChat({
      participants: [a.agent, b.agent],
      humanGate: gate,
      maxRounds: 3,
      selectSpeaker: roundRobin(),
    });
    const paused = await chat.run('task');
    const again = await chat.resume(answerTo(paused, { action: 'replace', text: 'Mine.' }));

    expect([textsOf(again), readBy(b)]).toEqual([
      ['Mine.', 'B'],
      ['task', 'Mine.'],
    ]);
    expect(readBy(a, 1)).toEqual([
      'task',
      'draft',
      expect.stringMatching(/replaced your last reply.*Mine\.$/s),
      'B',
    ]);
  });

  it('takes the turn that was asked for while the draft waited (U4)', async () => {
    const [a, b] = [speaker('a', 'A1', 'A2'), speaker('b', 'B1', 'B2')];
    const team = sequential({ participants: [a.agent, b.agent], humanGate: gate });

    const first = await team.run('one');
    const waiting = await team.run('two');
    expect(waiting.pendingRequests.map(({ id }) => id)).toEqual(
      first.pendingRequests.map(({ id }) => id),
    );
    const second = await team.resume(answerTo(first, { action: 'approve' }));
    expect(second.pendingRequests[0]?.data).toEqual({ participant: 'a', draft: 'A2' });
    const done = await team.resume(answerTo(second, { action: 'approve' }));

    expect([textsOf(second), textsOf(done)]).toEqual([['B1'], ['B2']]);
    expect(readBy(a, 1)).toEqual(['one', 'A1', 'two']);
  });

  it('counts the tokens of all drafts for budgets', async () => {
    const usage = { inputTokens: 2, outputTokens: 1, totalTokens: 3 };
    const a = speaker('a', { text: 'draft', usage }, { text: 'A', usage });
    const seen: number[] = [];
    const chat = groupChat({
      participants: [a.agent],
      humanGate: gate,
      maxRounds: 1,
      until: (view) => {
        seen.push(view.usage.totalTokens);
        return false;
      },
      selectSpeaker: roundRobin(),
    });
    const paused = await chat.run('task');
    const second = await chat.resume(answerTo(paused, { action: 'feedback', text: 'no' }));
    await chat.resume(answerTo(second, { action: 'approve' }));
    expect(seen.at(-1)).toBe(6);
  });

  it('asks about a call that needs approval first, then about the whole reply', async () => {
    const wipe = defineTool({
      name: 'wipe',
      description: 'Wipes.',
      input: z.object({}),
      needsApproval: true,
      execute: () => 'done',
    });
    const client = scripted([toolCall('wipe', {}), 'Wiped.']);
    const team = sequential({
      participants: [new Agent({ name: 'a', client, tools: [wipe] })],
      humanGate: gate,
    });
    const asked = await team.run('wipe it');
    expect(asked.pendingRequests.map(({ type }) => type)).toEqual(['tool_approval']);
    const draft = await team.resume({
      responses: { [asked.pendingRequests[0]?.id ?? '']: { approve: true } },
    });
    expect(draft.pendingRequests[0]?.data).toEqual({ participant: 'a', draft: 'Wiped.' });
    const done = await team.resume(answerTo(draft, { action: 'approve' }));
    expect(textsOf(done)).toEqual(['Wiped.']);
  });
});

describe('a gate', () => {
  it('stands before every branch of a concurrent orchestration', async () => {
    const [a, b] = [speaker('a', 'A'), speaker('b', 'B')];
    const team = concurrent({
      participants: [a.agent, b.agent],
      humanGate: { when: 'after' },
      aggregate: (results) => results.map(({ response }) => response?.text),
    });
    const paused = await team.run('task');
    const [first, second] = paused.pendingRequests;
    const done = await team.resume({
      responses: {
        [first?.id ?? '']: { action: 'replace', text: 'Mine.' },
        [second?.id ?? '']: { action: 'approve' },
      },
    });
    expect(done.outputs).toEqual([['Mine.', 'B']]);
  });

  it.each(['before', 'after'] as const)(
    'is found open where a chat is resumed: %s',
    async (when) => {
      const checkpoints = new MemoryCheckpointStore();
      const build = (...speakers: Speaker[]) =>
        groupChat({
          participants: speakers.map(({ agent }) => agent),
          humanGate: { when, participants: ['a'] },
          maxRounds: 2,
          selectSpeaker: roundRobin(),
          checkpoints,
        });
      const replies =
        when === 'before' ? { before: [], after: ['A'] } : { before: ['A'], after: [] };
      const paused = await build(speaker('a', ...replies.before), speaker('b')).run('task');

      const b = speaker('b', 'B');
      const resumed = build(speaker('a', ...replies.after), b);
      const done = await resumed.resume({
        ...answerTo(paused, { action: 'approve' }),
        checkpointId: paused.checkpointId ?? '',
      });
      expect([textsOf(done), readBy(b)]).toEqual([
        ['A', 'B'],
        ['task', 'A'],
      ]);
    },
  );

  it.each(['before', 'after'] as const)(
    'is closed by reset, and its draft forgotten: %s (U5)',
    async (when) => {
      const a = speaker('a', ...(when === 'after' ? ['draft'] : []), 'A');
      const chat = chatOf({ when }, a);
      const paused = await chat.run('task');
      await chat.resetForNewRun();

      await expect(chat.resume(answerTo(paused, { action: 'approve' }))).rejects.toThrow(
        /request/i,
      );
      const next = await chat.run('another task');
      const done = await chat.resume(answerTo(next, { action: 'approve' }));
      expect([textsOf(done), readBy(a, a.client.requests.length - 1)]).toEqual([
        ['A'],
        ['another task'],
      ]);
    },
  );

  it('keeps the options of an agent given as agentExecutor', async () => {
    const a = speaker('a', 'A');
    const session = new AgentSession();
    session.append([textMessage('user', 'earlier')]);
    const chat = groupChat({
      participants: [agentExecutor(a.agent, { id: 'writer', session })],
      humanGate: { when: 'after', participants: ['writer'] },
      maxRounds: 1,
      selectSpeaker: roundRobin(),
    });
    const paused = await chat.run('task');
    const done = await chat.resume(answerTo(paused, { action: 'approve' }));
    expect([textsOf(done), readBy(a)]).toEqual([['A'], ['earlier', 'task']]);
  });

  it('leaves outputs and intermediates as they were selected', async () => {
    const [a, b] = [speaker('a', 'A'), speaker('b', 'B')];
    const chat = groupChat({
      participants: [a.agent, b.agent],
      humanGate: { when: 'after', participants: ['a'] },
      outputFrom: [b.agent],
      intermediateFrom: [a.agent],
      maxRounds: 2,
      selectSpeaker: roundRobin(),
    });
    const paused = await chat.run('task');
    const done = await chat.resume(answerTo(paused, { action: 'approve' }));
    expect(textsOf(done)).toEqual(['B']);
  });

  const custom = defineExecutor('custom').on(GroupChatRequest, () =>
    GroupChatReply({ messages: [] }),
  );
  it.each([
    [{ when: 'now' }, "{ when: 'before' | 'after', participants? }, got string \"now\""],
    [{ when: 'after', participants: ['c'] }, 'got string "c"'],
    [{ when: 'after', participants: ['custom'] }, 'got string "custom"'],
    [{ when: 'after', participants: 'a' }, 'a list of names, got string "a"'],
    [{ when: 'after', participants: [] }, 'at least one agent'],
  ])('refuses %j', (humanGate, message) => {
    const build = (): unknown =>
      groupChat({
        participants: [speaker('a').agent, custom],
        humanGate: humanGate as HumanGateOptions,
        selectSpeaker: roundRobin(),
      });
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(message);
  });
});
