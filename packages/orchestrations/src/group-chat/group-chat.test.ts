import {
  Agent,
  agentExecutor,
  type AgentResponse,
  defineExecutor,
  Executor,
  on,
  textMessage,
  textOf,
} from '@colloquy/core';
import { chunks, scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { GroupChatReply, GroupChatRequest } from './group-chat-messages.ts';
import { groupChat } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

const speaker = (name: string) =>
  new Agent({ name, client: scripted([1, 2, 3, 4].map((turn) => `${name}${turn}`)) });

/** A participant that is no agent; notes what it is asked. */
function machine(id: string, requests: GroupChatRequest[] = []) {
  return defineExecutor(id).on(GroupChatRequest, (request) => {
    requests.push(request);
    return GroupChatReply({ messages: [textMessage('assistant', `${id} ${requests.length}`)] });
  });
}

const textsOf = (outputs: readonly unknown[]): string[] =>
  (outputs as readonly AgentResponse[]).map(({ text }) => text);

describe('a group chat', () => {
  it('adds up the tokens of all its agents', async () => {
    const participants = [speaker('a'), speaker('b')];

    const { usage } = await groupChat({
      participants,
      selectSpeaker: roundRobin(),
      maxRounds: 2,
    }).run('two words');

    expect(usage).toEqual({ inputTokens: 2 + 3, outputTokens: 2, totalTokens: 7 });
  });

  it('tells what agents say piece by piece where it is streamed', async () => {
    const a = new Agent({ name: 'a', client: scripted([chunks('Ride ', 'on.')]) });
    const chat = groupChat({ participants: [a], selectSpeaker: roundRobin(), maxRounds: 1 });
    const pieces: unknown[] = [];

    for await (const event of chat.stream('task')) {
      if (event.type !== 'agent_update') continue;
      pieces.push([event.executorId, event.update.text]);
    }

    expect(pieces.filter((piece) => JSON.stringify(piece) !== '["a",""]')).toEqual([
      ['a', 'Ride '],
      ['a', 'on.'],
    ]);
  });

  it('has forks that know nothing of each other', async () => {
    const chat = groupChat({
      participants: [speaker('a'), speaker('b')],
      selectSpeaker: ({ conversation }) => (conversation.length === 1 ? 'a' : 'b'),
      maxRounds: 1,
    });
    await chat.run('task');

    const { outputs } = await chat.fork().run('task');

    expect(textsOf(outputs)).toEqual(['a2']);
  });

  it('goes on after a participant’s failure once it has been reset', async () => {
    const client = scripted([new Error('down'), 'a1']);
    const chat = groupChat({
      participants: [new Agent({ name: 'a', client })],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
    });
    await chat.run('one').catch(() => {});

    await chat.resetForNewRun();
    await chat.run('two');

    expect(client.requests.at(-1)?.messages.map(textOf)).toEqual(['two']);
  });

  it('leaves no events of a run whose stream was left for the next', async () => {
    const chat = groupChat({
      participants: [speaker('a')],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
    });
    for await (const event of chat.stream('one')) if (event.type === 'group_chat') break;
    const types: string[] = [];
    const stream = chat.stream('two');

    for await (const { type, runId } of stream) {
      types.push(type);
      expect(runId).toBe(stream.runId);
    }

    expect(types.slice(0, 3)).toEqual(['started', 'status', 'superstep_started']);
  });

  it.each([
    ['nothing', { role: 'assistant', contents: [] }, []],
    [
      'a foreign author',
      textMessage('assistant', 'quoted', 'Ada'),
      [textMessage('assistant', 'quoted', 'Ada')],
    ],
  ] as const)('passes on a reply of %s as it is', async (_what, reply, heard) => {
    const b = scripted(['b1']);
    const relay = defineExecutor('relay').on(GroupChatRequest, () =>
      GroupChatReply({ messages: [reply] }),
    );

    await groupChat({
      participants: [relay, new Agent({ name: 'b', client: b })],
      selectSpeaker: roundRobin(),
      maxRounds: 2,
    }).run('task');

    expect(b.requests[0]?.messages).toEqual([textMessage('user', 'task'), ...heard]);
  });

  it('calls an agent by the id of its executor', async () => {
    const one = speaker('same');
    const participants = [
      agentExecutor(one, { id: 'first' }),
      agentExecutor(one, { id: 'second' }),
    ];
    const names: string[][] = [];

    await groupChat({
      participants,
      selectSpeaker: (view) => {
        names.push(view.participants.map(({ name }) => name));
        return 'second';
      },
      maxRounds: 1,
    }).run('task');

    expect(names).toEqual([['first', 'second']]);
  });
});

describe('a participant that is no agent', () => {
  it('is asked with what was said since its last turn, and everything', async () => {
    const requests: GroupChatRequest[] = [];
    const participants = [machine('m', requests), speaker('a')];

    await groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: 3 }).run('task');

    const task = textMessage('user', 'task');
    const [m1, a1] = [textMessage('assistant', 'm 1', 'm'), textMessage('assistant', 'a1', 'a')];
    expect(requests).toEqual([
      GroupChatRequest({ participant: 'm', round: 0, messages: [task], conversation: [task] }),
      GroupChatRequest({
        participant: 'm',
        round: 2,
        messages: [a1],
        conversation: [task, m1, a1],
      }),
    ]);
  });

  it('O3: is told that it is its turn where nobody else has spoken', async () => {
    const requests: GroupChatRequest[] = [];
    const participants = [machine('m', requests), speaker('a')];

    await groupChat({ participants, selectSpeaker: () => 'm', maxRounds: 2 }).run('task');

    expect(requests.map(({ messages }) => messages.map(textOf))).toEqual([
      ['task'],
      ['It is your turn again: nobody else has spoken since. Please go on.'],
    ]);
  });

  it('is heard by agents and put out in its turn, before the final message', async () => {
    const decide = (next: string | null) => ({
      terminate: next === null,
      reason: '',
      next_speaker: next,
      final_message: next === null ? 'over' : null,
    });
    const lead = scripted([decide('a'), decide('m'), decide(null)]);

    const { outputs } = await groupChat({
      participants: [machine('m'), speaker('a')],
      orchestrator: new Agent({ name: 'lead', client: lead }),
    }).run('task');

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['a', 'a1'],
      ['m', 'm 1'],
      ['lead', 'over'],
    ]);
    expect(lead.requests.at(-1)?.messages.map(textOf)).toContain('m 1');
  });

  it('has no second turn where it replies twice', async () => {
    const twice = defineExecutor('twice').on(GroupChatRequest, (_request, ctx) => {
      for (const text of ['one', 'two']) {
        ctx.send(GroupChatReply({ messages: [textMessage('assistant', text)] }));
      }
    });

    const { outputs, stopReason } = await groupChat({
      participants: [twice, speaker('a')],
      selectSpeaker: roundRobin(),
      maxRounds: 2,
    }).run('task');

    expect(textsOf(outputs)).toEqual(['one', 'a1']);
    expect(stopReason).toEqual({ code: 'maxRounds', detail: 'maxRounds(2)' });
  });

  it('may be a class of which every instance of the chat makes its own', async () => {
    class Counter extends Executor {
      #turns = 0;
      readonly handlers = [
        on(GroupChatRequest, () => {
          this.#turns += 1;
          return GroupChatReply({ messages: [textMessage('assistant', `turn ${this.#turns}`)] });
        }),
      ];
      constructor() {
        super('counter');
      }
      override reset(): void {
        this.#turns = 0;
      }
    }
    const chat = groupChat({
      participants: [() => new Counter()],
      selectSpeaker: roundRobin(),
      maxRounds: 2,
    });
    const first = textsOf((await chat.run('task')).outputs);

    await chat.resetForNewRun();
    const again = textsOf((await chat.run('task')).outputs);
    const forked = textsOf((await chat.fork().run('task')).outputs);

    const turns = ['turn 1', 'turn 2'];
    expect([first, again, forked]).toEqual([turns, turns, turns]);
  });
});

describe('the outputs of a group chat', () => {
  it.each([
    ['everybody’s', {}, { outputs: ['a1', 'b1', 'm 1'], intermediates: [] }],
    ['all', { outputFrom: 'all' }, { outputs: ['a1', 'b1', 'm 1'], intermediates: [] }],
    ['those named', { outputFrom: ['b'] }, { outputs: ['b1'], intermediates: [] }],
    [
      'those named that are no agents',
      { outputFrom: ['m'] },
      { outputs: ['m 1'], intermediates: [] },
    ],
    ['nobody’s', { outputFrom: [] }, { outputs: [], intermediates: [] }],
    [
      'those that are not intermediate',
      { intermediateFrom: ['a'] },
      { outputs: ['b1', 'm 1'], intermediates: ['a1'] },
    ],
    [
      'none where all other are intermediate',
      { intermediateFrom: 'all_other' },
      { outputs: [], intermediates: ['a1', 'b1'] },
    ],
    [
      'those named, with the others intermediate',
      { outputFrom: ['a'], intermediateFrom: 'all_other' },
      { outputs: ['a1'], intermediates: ['b1'] },
    ],
  ] as const)('are %s', async (_what, selection, expected) => {
    const all = { a: speaker('a'), b: speaker('b'), m: machine('m') };
    const pick = (names: readonly ('a' | 'b' | 'm')[] | string | undefined) =>
      typeof names === 'object' ? names.map((name) => all[name]) : names;
    const designation = Object.fromEntries(
      Object.entries(selection).map(([option, names]) => [option, pick(names)]),
    );

    const { outputs, intermediates } = await groupChat({
      participants: Object.values(all),
      selectSpeaker: roundRobin(),
      maxRounds: 3,
      ...designation,
    }).run('task');

    expect({ outputs: textsOf(outputs), intermediates: textsOf(intermediates) }).toEqual(expected);
  });

  it('hold the final message of whoever leads, whatever is named', async () => {
    const end = { terminate: true, reason: '', next_speaker: null, final_message: 'over' };
    const participants = [speaker('a'), speaker('b')];

    const { outputs } = await groupChat({
      participants,
      orchestrator: new Agent({ name: 'lead', client: scripted([end]) }),
      intermediateFrom: participants,
    }).run('task');

    expect(textsOf(outputs)).toEqual(['over']);
  });

  it('give of a reply of several messages the last text', async () => {
    const verbose = defineExecutor('verbose').on(GroupChatRequest, () =>
      GroupChatReply({ messages: ['one', 'two'].map((text) => textMessage('assistant', text)) }),
    );

    const { outputs } = await groupChat({
      participants: [verbose],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
    }).run('task');

    expect(outputs.map(({ text, messages }) => [text, messages.map(textOf)])).toEqual([
      ['two', ['one', 'two']],
    ]);
  });
});
