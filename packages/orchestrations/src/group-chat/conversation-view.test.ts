import {
  ConfigurationError,
  defineExecutor,
  MemoryCheckpointStore,
  type Message,
  textMessage,
  textOf,
} from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { readBy, speaker, type Speaker } from '../../test/speaker.ts';
import { type ConversationViewOption, last, summary } from './conversation-view.ts';
import { GroupChatReply, GroupChatRequest } from './group-chat-messages.ts';
import { groupChat } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

/** The texts of every model call. */
const callsOf = (one: Speaker): string[][] =>
  one.client.requests.map((_, call) => readBy(one, call));

function chatOf(view: ConversationViewOption, maxRounds: number, ...speakers: Speaker[]) {
  const participants = speakers.map(({ agent }) => agent);
  return groupChat({ participants, view, maxRounds, selectSpeaker: roundRobin() });
}

const threeSpeakers = (): [Speaker, Speaker, Speaker] => [
  speaker('a', 'a1', 'a2'),
  speaker('b', 'b1', 'b2'),
  speaker('c', 'c1', 'c2'),
];

describe('a view of the conversation', () => {
  it('of the last messages leaves out what came before, once and for all', async () => {
    const [a, b, c] = threeSpeakers();
    await chatOf(last(1), 6, a, b, c).run('task');

    expect(callsOf(a)).toEqual([['task'], ['task', 'a1', 'c1']]);
    expect(callsOf(b)).toEqual([['a1'], ['a1', 'b1', 'a2']]);
    expect(callsOf(c)).toEqual([['b1'], ['b1', 'c1', 'b2']]);
  });

  it('of one’s own shows the input, and no words of others', async () => {
    const [a, b] = threeSpeakers();
    const chat = chatOf('own', 2, a, b);
    await chat.run('task');
    await chat.run('more');

    expect(callsOf(a)).toEqual([['task'], ['task', 'a1', 'more']]);
    expect(callsOf(b)).toEqual([['task'], ['task', 'b1', 'more']]);
  });

  it('that shows nothing new says that it is one’s turn', async () => {
    const [a, b] = threeSpeakers();
    await chatOf('own', 4, a, b).run('task');
    expect(readBy(a, 1)).toEqual(['task', 'a1', expect.stringContaining('your turn again')]);
  });

  it('by an agent sums up what is old, with a new session every time', async () => {
    const [a, b, c] = threeSpeakers();
    const writer = speaker('writer', 'S1', 'S2', 'S3');
    const result = await chatOf(summary(writer.agent), 3, a, b, c).run('task');

    expect(callsOf(b)).toEqual([['task', 'a1']]);
    expect(readBy(c)).toEqual([expect.stringMatching(/summary.*S1$/s), 'b1']);
    expect(readBy(writer)[0]).toMatch(/\n\nuser: task\n\na: a1$/);
    expect(result.usage.totalTokens).toBeGreaterThan(0);
  });

  it('may be a function of who reads, what is unread, and the whole conversation', async () => {
    const [a, b] = threeSpeakers();
    const seen: unknown[] = [];
    const chat = chatOf(
      ({ participant, unread, conversation }) => {
        seen.push([participant, unread.map(textOf), conversation.map(textOf)]);
        return participant === 'a' ? unread : [textMessage('user', `${unread.length} unread`)];
      },
      3,
      a,
      b,
    );
    await chat.run('task');

    expect(seen).toEqual([
      ['a', ['task'], ['task']],
      ['b', ['task', 'a1'], ['task', 'a1']],
      ['a', ['b1'], ['task', 'a1', 'b1']],
    ]);
    expect(callsOf(b)).toEqual([['2 unread']]);
  });

  it('of the whole conversation gives nothing twice', async () => {
    const [a, b] = threeSpeakers();
    const chat = chatOf(({ conversation }) => conversation, 3, a, b);
    for await (const event of chat.stream('lost')) if (event.type === 'group_chat') break;
    await chat.run('task');

    expect(callsOf(a)).toEqual([
      ['lost', 'task'],
      ['lost', 'task', 'a1', 'b1'],
    ]);
  });

  it('that always begins with the task never leaves one with nothing to read', async () => {
    const [a] = threeSpeakers();
    await chatOf(({ conversation }) => conversation.slice(0, 1), 2, a).run('task');
    expect(readBy(a, 1)).toEqual(['task', 'a1', expect.stringContaining('your turn again')]);
  });

  it('of one’s own leaves out the last word of the orchestrator', async () => {
    const a = speaker('a', 'a1', 'a2');
    const decision = (next: string | null) => ({
      terminate: next === null,
      reason: 'so it is',
      next_speaker: next,
      final_message: next === null ? 'Over.' : null,
    });
    const turns = [decision('a'), decision(null)];
    const lead = speaker('lead', ...turns, ...turns);
    const chat = groupChat({ participants: [a.agent], orchestrator: lead.agent, view: 'own' });
    await chat.run('task');
    await chat.run('more');
    expect(readBy(a, 1)).toEqual(['task', 'a1', 'more']);
  });

  it.each([
    ['words', 'string "words"'],
    [undefined, 'undefined'],
    [[{ role: 'user' }], 'array'],
  ])('that gives %j is refused', async (given, got) => {
    const a = speaker('a');
    const failure = chatOf((() => given) as never, 1, a).run('task');
    await expect(failure).rejects.toThrow(
      `Expected the view to give a list of messages for "a", got ${got}`,
    );
  });

  it('is what an executor that is no agent is asked about', async () => {
    const asked: (readonly string[])[] = [];
    const echo = defineExecutor('echo').on(GroupChatRequest, ({ messages }) => {
      asked.push(messages.map(textOf));
      return GroupChatReply({ messages: [textMessage('assistant', 'echo')] });
    });
    const [a, b] = threeSpeakers();
    const participants = [a.agent, b.agent, echo];
    await groupChat({ participants, view: last(1), maxRounds: 3, selectSpeaker: roundRobin() }).run(
      'task',
    );
    expect(asked).toEqual([['b1']]);
  });

  it.each([
    ['a turn that failed', false],
    ['a resumed chat', true],
  ])('is given once, also after %s', async (_what, isResumed) => {
    const checkpoints = new MemoryCheckpointStore();
    const count = ({ unread }: { unread: readonly Message[] }) => [
      textMessage('user', `saw ${unread.map(textOf).join(' ')}`),
    ];
    const a = speaker('a', new Error('down'), 'a1');
    const build = () =>
      groupChat({
        participants: [a.agent],
        view: count,
        maxRounds: 1,
        selectSpeaker: roundRobin(),
        checkpoints,
      });
    const chat = build();
    const failure: unknown = await chat.run('task').catch((error) => error);
    const checkpointId = String(Reflect.get(failure as object, 'checkpointId'));
    await (isResumed ? build().resume({ checkpointId }) : chat.run('more'));

    expect(readBy(a, 1)).toEqual(isResumed ? ['saw task'] : ['saw task', 'saw more']);
  });

  it('begins anew after a reset', async () => {
    const [a, b] = threeSpeakers();
    const chat = chatOf(last(2), 2, a, b);
    await chat.run('task');
    await chat.resetForNewRun();
    await chat.run('other');
    expect([readBy(a, 1), readBy(b, 1)]).toEqual([['other'], ['other', 'a2']]);
  });

  it.each([
    ['count', () => last(0)],
    ['agent', () => summary('writer' as never)],
    ['keep', () => summary(speaker('w').agent, { keep: -1 })],
    ['view', () => chatOf('mine' as never, 1, speaker('a'))],
  ])('is refused with a wrong %s', (_what, make) => {
    expect(make).toThrow(ConfigurationError);
  });
});
