import {
  Agent,
  type AgentLike,
  type AgentResponse,
  defineTool,
  ExecutorError,
  type Message,
  textMessage,
  textOf,
  WorkflowNeedsResetError,
  WorkflowResetError,
} from '@colloquy/core';
import { type ScriptedChatClient, type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { maxMessages } from '../termination/max-messages.ts';
import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from '../termination/termination-condition.ts';
import { BaseGroupChatOrchestrator } from './base-orchestrator.ts';
import { type GroupChatEvent } from './group-chat-messages.ts';
import { type GroupChatView } from './group-chat-view.ts';
import { type GroupChat, groupChat } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

/** An agent with a script, and the model that shows what it was asked. */
function speaker(name: string, ...script: readonly ScriptEntry[]) {
  const client = scripted(script);
  return { client, agent: new Agent({ name, client }) };
}

/** A participant with answers enough: a1, a2 …. */
const talker = (name: string) => speaker(name, ...[1, 2, 3, 4, 5].map((turn) => `${name}${turn}`));

/** What the model read at each call, its own earlier words included. */
const readBy = ({ requests }: ScriptedChatClient): string[][] =>
  requests.map(({ messages }) => messages.map(textOf));

const textsOf = (outputs: readonly AgentResponse[]): string[] => outputs.map(({ text }) => text);

const AGAIN = 'It is your turn again: nobody else has spoken since. Please go on.';

describe('a turn', () => {
  it('O2: tells everybody what was said, once, but nobody their own words', async () => {
    const [a, b, c] = [talker('a'), talker('b'), talker('c')];
    const participants = [a.agent, b.agent, c.agent];

    await groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: 4 }).run('task');

    expect([a, b, c].map(({ client }) => readBy(client))).toEqual([
      [['task'], ['task', 'a1', 'b1', 'c1']],
      [['task', 'a1']],
      [['task', 'a1', 'b1']],
    ]);
  });

  it('O3: never asks the same speaker twice in a row with nothing to read', async () => {
    const { agent, client } = talker('a');
    const inputs: (readonly Message[])[] = [];
    const noting: AgentLike = {
      id: agent.id,
      name: agent.name,
      description: '',
      run: (input, options) => {
        inputs.push(input as readonly Message[]);
        return agent.run(input, options);
      },
      stream: (input, options) => agent.stream(input, options),
      createSession: () => agent.createSession(),
    };
    const participants = [noting, talker('b').agent];

    await groupChat({ participants, selectSpeaker: () => 'a', maxRounds: 3 }).run('task');

    expect(inputs.map((messages) => messages.map(textOf))).toEqual([['task'], [AGAIN], [AGAIN]]);
    expect(readBy(client).at(-1)).toEqual(['task', 'a1', AGAIN, 'a2', AGAIN]);
  });

  it('O3: asks again where the one who spoke in between said nothing that others see', async () => {
    const a = talker('a');
    const b = speaker('b', { role: 'assistant', contents: [{ type: 'reasoning', text: 'hm' }] });
    const participants = [a.agent, b.agent];

    await groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: 3 }).run('task');

    expect(readBy(a.client).at(-1)).toEqual(['task', 'a1', AGAIN]);
  });

  it('has one round number for its request and its reply', async () => {
    const participants = [talker('a').agent, talker('b').agent];
    const chat = groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: 2 });

    expect(await turnsOf(chat)).toEqual([
      ['request_sent', 0, 'a'],
      ['response_received', 0, 'a'],
      ['request_sent', 1, 'b'],
      ['response_received', 1, 'b'],
    ]);
  });

  it('shows others images and text of a reply, not tool calls, results and reasoning', async () => {
    const look = defineTool({
      name: 'look',
      description: 'Looks',
      input: z.object({}),
      execute: () => 'secret result',
    });
    const image = { type: 'data', data: 'AAAA', mediaType: 'image/png' } as const;
    const answer: Message = {
      role: 'assistant',
      contents: [{ type: 'reasoning', text: 'thinking' }, { type: 'text', text: 'look' }, image],
    };
    const client = scripted([['let me see', toolCall('look')], answer]);
    const a = new Agent({ name: 'a', client, tools: [look] });
    const b = talker('b');

    await groupChat({ participants: [a, b.agent], selectSpeaker: roundRobin(), maxRounds: 2 }).run(
      'task',
    );

    expect(b.client.requests[0]?.messages).toEqual([
      textMessage('user', 'task'),
      textMessage('assistant', 'let me see', 'a'),
      { role: 'assistant', contents: [{ type: 'text', text: 'look' }, image], authorName: 'a' },
    ]);
  });

  it('keeps the roles and authors of the messages it is given', async () => {
    const a = talker('a');
    const input = [
      textMessage('system', 'Be kind.'),
      textMessage('user', 'task', 'Ada'),
      textMessage('assistant', 'earlier', 'b'),
    ];

    await groupChat({ participants: [a.agent], selectSpeaker: roundRobin(), maxRounds: 1 }).run(
      input,
    );

    expect(a.client.requests[0]?.messages).toEqual(input);
  });
});

async function turnsOf(chat: GroupChat): Promise<unknown[]> {
  const turns: unknown[] = [];
  for await (const event of chat.stream('task')) {
    if (event.type !== 'group_chat') continue;
    const { kind, round, participant }: GroupChatEvent = event;
    turns.push([kind, round, participant]);
  }
  return turns;
}

describe('an input', () => {
  it.each([
    ['a text', 'task'],
    ['a message', textMessage('user', 'task')],
    ['messages', [textMessage('user', 'task')]],
  ])('may be %s', async (_what, input) => {
    const a = talker('a');
    const chat = groupChat({
      participants: [a.agent],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
    });

    await chat.run(input);

    expect(a.client.requests[0]?.messages).toEqual([textMessage('user', 'task')]);
  });
});

describe('O1: a step that fails', () => {
  it.each(['throws', 'rejects'])(
    'leaves nothing of the input behind where the selector %s, so a retry is not doubled',
    async (how) => {
      const a = talker('a');
      let attempts = 0;
      const chat = groupChat({
        participants: [a.agent],
        selectSpeaker: () => {
          attempts += 1;
          if (attempts > 1) return 'a';
          if (how === 'throws') throw new Error('not yet');
          return Promise.reject(new Error('not yet'));
        },
        maxRounds: 1,
      });
      await chat.run('task').catch(() => {});

      await chat.run('task');

      expect(readBy(a.client)).toEqual([['task']]);
    },
  );

  it('leaves nothing of the input behind where the condition throws', async () => {
    const a = talker('a');
    let attempts = 0;
    const until = (): boolean => {
      attempts += 1;
      if (attempts === 1) throw new Error('not yet');
      return false;
    };
    const options = { selectSpeaker: roundRobin(), maxRounds: 1, until };
    const chat = groupChat({ participants: [a.agent], ...options });
    await chat.run('task').catch(() => {});

    await chat.run('task');

    expect(readBy(a.client)).toEqual([['task']]);
  });

  it('leaves a participant that failed with everything to read at its next turn', async () => {
    const a = speaker('a', new Error('down'), 'a1');
    const chat = groupChat({
      participants: [a.agent],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
    });
    await chat.run('task').catch(() => {});

    await chat.run('again');

    expect(readBy(a.client)).toEqual([['task'], ['task', 'again']]);
  });

  it('rejects an empty list of messages and says what to do', async () => {
    const chat = groupChat({ participants: [talker('a').agent], selectSpeaker: roundRobin() });

    const error: unknown = await chat.run([]).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ExecutorError);
    expect((error as ExecutorError).cause).toMatchObject({
      name: 'ConfigurationError',
      code: 'group-chat/empty-input',
      message:
        'Expected at least one message as the input of a group chat, got an empty list. Pass the task as a text or a message.',
    });
  });
});

describe('O4: the limits of a run', () => {
  const chatUntil = (until: TerminationCondition | ((view: TerminationView) => boolean)) =>
    groupChat({
      participants: [talker('a').agent, talker('b').agent],
      selectSpeaker: roundRobin(),
      until,
    });

  it.each([1, 2, 3])('end it after exactly %i rounds', async (maxRounds) => {
    const participants = [talker('a').agent, talker('b').agent];

    const result = await groupChat({ participants, selectSpeaker: roundRobin(), maxRounds }).run(
      'task',
    );

    expect(textsOf(result.outputs)).toEqual(['a1', 'b1', 'a2'].slice(0, maxRounds));
    expect(result.stopReason).toEqual({ code: 'maxRounds', detail: `maxRounds(${maxRounds})` });
  });

  it('end it after 40 rounds where nothing is said', async () => {
    const a = speaker('a', ...Array.from({ length: 41 }, (_, index) => `a${index}`));

    const { outputs, stopReason } = await groupChat({
      participants: [a.agent],
      selectSpeaker: roundRobin(),
    }).run('task');

    expect(outputs).toHaveLength(40);
    expect(stopReason).toEqual({ code: 'maxRounds', detail: 'maxRounds(40)' });
  });

  it('allow more rounds than the engine allows supersteps where none are asked for', async () => {
    const a = speaker('a', ...Array.from({ length: 150 }, (_, index) => `a${index}`));

    const { outputs } = await groupChat({
      participants: [a.agent],
      selectSpeaker: ({ round }) => (round < 150 ? 'a' : null),
      maxRounds: Infinity,
    }).run('task');

    expect(outputs).toHaveLength(150);
  });

  it('are checked on the input, so nobody is asked', async () => {
    const { outputs, stopReason } = await chatUntil(maxMessages(1)).run('task');

    expect(outputs).toEqual([]);
    expect(stopReason).toEqual({ code: 'until', detail: 'maxMessages(1)' });
  });

  it('are checked on every reply, before anybody else is chosen', async () => {
    const { outputs, stopReason } = await chatUntil(maxMessages(3)).run('task');

    expect(textsOf(outputs)).toEqual(['a1', 'b1']);
    expect(stopReason).toEqual({ code: 'until', detail: 'maxMessages(3)' });
  });

  it('name the condition where it and the rounds end the run together', async () => {
    const { stopReason } = await groupChat({
      participants: [talker('a').agent],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
      until: ({ round }) => round === 1,
    }).run('task');

    expect(stopReason).toEqual({ code: 'until', detail: 'predicate' });
  });

  it('start afresh with a second run, which counts only what it adds', async () => {
    const chat = chatUntil(maxMessages(3));
    await chat.run('one');

    const { outputs } = await chat.run('two');

    expect(textsOf(outputs)).toEqual(['a2', 'b2']);
  });

  it('show a condition the run, the whole conversation and both counts, frozen', async () => {
    const views: unknown[] = [];
    const chat = chatUntil((view) => {
      expect(() => (view.conversation as unknown[]).pop()).toThrow(TypeError);
      const { conversation, fullConversation, round, totalRounds } = view;
      views.push([conversation.map(textOf), fullConversation.map(textOf), round, totalRounds]);
      return round === 1;
    });

    await chat.run('one');
    await chat.run('two');

    expect(views).toEqual([
      [['one'], ['one'], 0, 0],
      [['one', 'a1'], ['one', 'a1'], 1, 1],
      [['two'], ['one', 'a1', 'two'], 0, 1],
      [['two', 'b1'], ['one', 'a1', 'two', 'b1'], 1, 2],
    ]);
  });

  it('deliver the reply that ends a run, and the input that ended one, with the next run', async () => {
    const [a, b] = [talker('a'), talker('b')];
    const chat = groupChat({
      participants: [a.agent, b.agent],
      selectSpeaker: roundRobin(),
      until: ({ conversation }) =>
        conversation.length > 1 || conversation.some((message) => textOf(message) === 'stop'),
    });

    await chat.run('one');
    await chat.run('stop');
    await chat.run('two');

    expect(readBy(b.client)).toEqual([['one', 'a1', 'stop', 'two']]);
  });

  it('begin a condition with state anew at every run and at a reset', async () => {
    const calls: string[] = [];
    class Noting extends TerminationCondition {
      override check(): TerminationAnswer {
        calls.push('check');
        return 'enough';
      }
      override reset(): void {
        calls.push('reset');
      }
    }
    const chat = chatUntil(new Noting());

    await chat.run('task');
    await chat.resetForNewRun();

    expect(calls).toEqual(['reset', 'check', 'reset']);
  });
});

/** As in the API's example: both argue until one has been judged twice. */
class Debate extends BaseGroupChatOrchestrator {
  readonly calls: unknown[] = [];
  onReset: () => void | Promise<void> = () => {};
  #scores = new Map<string, number>();

  protected override async nextSpeaker(view: GroupChatView): Promise<string | null> {
    const { lastSpeaker = 'judge' } = view;
    this.#scores.set(lastSpeaker, (this.#scores.get(lastSpeaker) ?? 0) + 1);
    if (this.#scores.get('con') === 1) return null;
    return lastSpeaker === 'pro' ? 'con' : 'pro';
  }

  protected override _resetPatternState(): void | Promise<void> {
    this.calls.push({ conversation: this.conversation, round: this.round });
    this.#scores.clear();
    return this.onReset();
  }
}

describe('an orchestrator of one’s own', () => {
  const debate = () => {
    const lead = new Debate({ maxRounds: 10 });
    const participants = [talker('pro').agent, talker('con').agent];
    return { lead, chat: groupChat({ participants, orchestrator: lead }) };
  };

  it('chooses who speaks and when the chat ends', async () => {
    const { lead, chat } = debate();

    const { outputs, stopReason } = await chat.run('Tabs or spaces?');

    expect(textsOf(outputs)).toEqual(['pro1', 'con1']);
    expect(stopReason).toEqual({ code: 'selector' });
    expect(lead.conversation.map(textOf)).toEqual(['Tabs or spaces?', 'pro1', 'con1']);
  });

  it('ends the chat with a reason and a last word of its own', async () => {
    class Closing extends BaseGroupChatOrchestrator {
      protected override nextSpeaker() {
        const message = textMessage('assistant', 'That is all.');
        return { finish: { code: 'satisfied', detail: 'enough' }, message };
      }
    }
    const orchestrator = () => new Closing({ id: 'chair' });

    const { outputs, stopReason } = await groupChat({
      participants: [talker('a').agent],
      orchestrator,
    }).run('task');

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['chair', 'That is all.'],
    ]);
    expect(stopReason).toEqual({ code: 'satisfied', detail: 'enough' });
  });

  it('is asked once per reset to clear its own, after the conversation is cleared', async () => {
    const { lead, chat } = debate();
    await chat.run('Tabs or spaces?');

    await chat.resetForNewRun();
    await chat.resetForNewRun();

    expect(lead.calls).toEqual([
      { conversation: [], round: 0 },
      { conversation: [], round: 0 },
    ]);
  });

  it('is waited for where clearing takes time, so a run begins with nothing', async () => {
    const { lead, chat } = debate();
    await chat.run('Tabs or spaces?');
    const cleared = Promise.withResolvers<undefined>();
    lead.onReset = () => cleared.promise;

    const resetting = chat.resetForNewRun();
    await expect(chat.run('too early')).rejects.toMatchObject({ name: 'WorkflowBusyError' });
    cleared.resolve(undefined);
    await resetting;
    const { outputs } = await chat.run('Vi or Emacs?');

    expect(textsOf(outputs)).toEqual(['pro2', 'con2']);
    expect(lead.conversation.map(textOf)).toEqual(['Vi or Emacs?', 'pro2', 'con2']);
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('stuck');
      },
    ],
    ['rejects', () => Promise.reject(new Error('stuck'))],
  ])('refuses to run after clearing %s, until a reset succeeds', async (_how, onReset) => {
    const { lead, chat } = debate();
    await chat.run('Tabs or spaces?');
    lead.onReset = onReset;

    const error: unknown = await chat.resetForNewRun().catch((reason: unknown) => reason);
    await expect(chat.run('x')).rejects.toBeInstanceOf(WorkflowNeedsResetError);
    lead.onReset = () => {};
    await chat.resetForNewRun();

    expect(error).toBeInstanceOf(WorkflowResetError);
    expect((error as WorkflowResetError).failures).toEqual([
      { executorId: 'group_chat_orchestrator', error: new Error('stuck') },
    ]);
    expect(textsOf((await chat.run('Vi or Emacs?')).outputs)).toEqual(['pro2', 'con2']);
  });
});
