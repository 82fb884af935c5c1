import {
  Agent,
  type AgentLike,
  AgentSession,
  ChatClientError,
  defineTool,
  ExecutorError,
  textOf,
} from '@colloquy/core';
import { type RecordedRequest, type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type AgentOrchestratorOptions } from './agent-orchestrator.ts';
import { SpeakerSelectionError } from './group-chat-errors.ts';
import { groupChat } from './group-chat.ts';

const pick = (name: string) => ({
  terminate: false,
  reason: `${name} knows`,
  next_speaker: name,
  final_message: null,
});

const END = { terminate: true, reason: 'done', next_speaker: null, final_message: null };

/** A chat of "Ada Byron" and "bob_b", led by an agent with a script. */
function led(script: readonly ScriptEntry[], options: Partial<AgentOrchestratorOptions> = {}) {
  const client = scripted(script);
  const lead = new Agent({ name: 'lead', client });
  const participants = ['Ada Byron', 'bob_b'].map((name) => {
    const replies = [1, 2, 3, 4].map((turn) => `${name} ${turn}`);
    return new Agent({ name, client: scripted(replies) });
  });
  const chat = groupChat({
    participants,
    orchestrator: { agent: lead, ...options },
    logger: { warn: () => {}, debug: () => {} },
  });
  const run = async (input: string) => (await chat.run(input)).outputs.map(({ text }) => text);
  return { client, chat, run };
}

/** What a request holds, with the instruction and the repairs shortened. */
const wordsOf = ({ messages }: RecordedRequest): string[] =>
  messages.map((message) => {
    const text = textOf(message);
    if (text.startsWith('Decide how')) return 'DECIDE';
    return text.startsWith('Your last answer') ? 'REPAIR' : text;
  });

const failureOf = async (running: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await running.catch((reason: unknown) => reason);
  return error instanceof ExecutorError ? error.cause : error;
};

describe('an agent that leads', () => {
  it('is asked for structured output of the four fields', async () => {
    const { client, run } = led([END]);

    await run('task');

    expect(client.requests[0]?.output?.schema).toMatchObject({
      type: 'object',
      required: ['terminate', 'reason', 'next_speaker', 'final_message'],
      additionalProperties: false,
    });
  });

  it('reads only what was said since its last decision, in one session', async () => {
    const { client, run } = led([pick('bob_b'), pick('Ada Byron'), END]);

    await run('task');

    const [first, second] = [pick('bob_b'), pick('Ada Byron')].map((choice) =>
      JSON.stringify(choice),
    );
    expect(client.requests.map(wordsOf)).toEqual([
      ['task', 'DECIDE'],
      ['task', 'DECIDE', first, 'bob_b 1', 'DECIDE'],
      ['task', 'DECIDE', first, 'bob_b 1', 'DECIDE', second, 'Ada Byron 1', 'DECIDE'],
    ]);
    expect(new Set(client.requests.map(({ sessionId }) => sessionId)).size).toBe(1);
  });

  it('ends the chat with its reason and a final message, which comes last', async () => {
    const { chat } = led([pick('bob_b'), { ...END, final_message: 'Well done.' }]);

    const { outputs, stopReason } = await chat.run('task');

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['bob_b', 'bob_b 1'],
      ['lead', 'Well done.'],
    ]);
    expect(stopReason).toEqual({ code: 'orchestrator', detail: 'done' });
  });

  it.each([null, ''])(
    'ends the chat without a word where the final message is %j',
    async (none) => {
      const { chat } = led([{ ...END, reason: '', final_message: none }]);

      const { outputs, stopReason } = await chat.run('task');

      expect(outputs).toEqual([]);
      expect(stopReason).toEqual({ code: 'orchestrator' });
    },
  );

  it('ends the chat where it both terminates and names somebody', async () => {
    expect(await led([{ ...pick('bob_b'), terminate: true }]).run('task')).toEqual([]);
  });

  it('brings the final message to participants with the next run', async () => {
    const bob = scripted(['bob 1']);
    const lead = scripted([{ ...END, final_message: 'Well done.' }, pick('bob'), END]);
    const chat = groupChat({
      participants: [new Agent({ name: 'bob', client: bob })],
      orchestrator: new Agent({ name: 'lead', client: lead }),
    });

    await chat.run('one');
    await chat.run('two');

    expect(bob.requests.map(wordsOf)).toEqual([['one', 'Well done.', 'two']]);
  });

  it.each(['ada byron', 'ADA_BYRON', ' "Ada Byron" ', '`Ada Byron`.', 'Ada  Byron', 'Ada-Byron'])(
    'means Ada Byron by %j',
    async (name) => {
      const { client, run } = led([pick(name), END]);

      expect(await run('task')).toEqual(['Ada Byron 1']);
      expect(client.requests).toHaveLength(2);
    },
  );

  it.each([
    ['an object twice', JSON.stringify(pick('bob_b')).repeat(2)],
    ['a fence', `\`\`\`json\n${JSON.stringify(pick('bob_b'))}\n\`\`\``],
    ['prose around it', `Sure! ${JSON.stringify(pick('bob_b'))} Hope that helps.`],
    ['a boolean as text', '{"terminate":"false","reason":"","next_speaker":"bob_b"}'],
    ['fields left out', '{"terminate":false,"next_speaker":"bob_b"}'],
  ])('is understood at once where it answers with %s', async (_what, text) => {
    const { client, run } = led([text, END]);

    expect(await run('task')).toEqual(['bob_b 1']);
    expect(client.requests.map(wordsOf)).toEqual([
      ['task', 'DECIDE'],
      ['task', 'DECIDE', text, 'bob_b 1', 'DECIDE'],
    ]);
  });
});

describe('an answer that cannot be used', () => {
  it.each<[string, ScriptEntry, string]>([
    ['an unknown name', pick('carol'), 'next_speaker is "carol", which is no participant'],
    [
      'no name',
      { ...pick('x'), next_speaker: null },
      'terminate is false but next_speaker is missing',
    ],
    ['no JSON', 'Bob, please.', 'it is not a JSON object'],
  ])('is asked for again with what was wrong: %s', async (_what, answer, problem) => {
    const { client, run } = led([answer, pick('bob_b'), END]);

    expect(await run('task')).toEqual(['bob_b 1']);
    expect(textOf(client.requests[1]?.messages.at(-1) ?? { contents: [] })).toBe(
      `Your last answer cannot be used: ${problem}. Answer again with the JSON object alone; next_speaker must be one of: Ada Byron, bob_b; or set terminate to true.`,
    );
  });

  it('L1: is shown to the next attempt, and forgotten once one succeeds', async () => {
    const { client, run } = led([pick('carol'), 'Bob!', pick('bob_b'), END]);

    await run('task');

    const [carol, bob] = [pick('carol'), pick('bob_b')].map((decision) => JSON.stringify(decision));
    expect(client.requests.map(wordsOf)).toEqual([
      ['task', 'DECIDE'],
      ['task', 'DECIDE', carol, 'REPAIR'],
      ['task', 'DECIDE', carol, 'REPAIR', 'Bob!', 'REPAIR'],
      ['task', 'DECIDE', bob, 'bob_b 1', 'DECIDE'],
    ]);
  });

  it.each([
    [undefined, 4],
    [0, 1],
    [1, 2],
  ])('is asked for again %s times at most, then fails the run', async (retries, calls) => {
    const { client, run } = led(
      Array.from({ length: 9 }, () => pick('carol')),
      { retries },
    );

    const error = await failureOf(run('task'));

    expect(client.requests).toHaveLength(calls);
    expect(error).toEqual(
      new SpeakerSelectionError(
        `The orchestrator agent "lead" did not name a next speaker in ${calls} attempts: next_speaker is "carol", which is no participant. Expected one of Ada Byron, bob_b. Improve its instructions, use a stronger model, or choose with selectSpeaker.`,
        ['Ada Byron', 'bob_b'],
      ),
    );
  });

  it('is chosen by the fallback after that, where there is one, and read with the next question', async () => {
    let turns = 0;
    const fallback = Object.assign(() => (turns++ === 0 ? 'bob_b' : null), {
      reset: () => {
        turns = 0;
      },
      onCheckpointSave: () => turns,
      onCheckpointRestore: (saved: unknown) => {
        turns = Number(saved);
      },
    });
    const { client, chat } = led([pick('carol'), pick('carol'), pick('carol'), END], {
      retries: 0,
      fallback,
    });

    const { outputs, stopReason } = await chat.run('task');
    expect(outputs.map(({ agentName }) => agentName)).toEqual(['bob_b']);
    expect(stopReason).toEqual({ code: 'selector' });
    expect(client.requests.map(wordsOf)[1]).toEqual(['task', 'bob_b 1', 'DECIDE']);

    await chat.resetForNewRun();
    const again = await chat.run('task');
    expect(again.outputs).toHaveLength(1);
  });

  it('L1: leaves nothing behind where every attempt failed, so a retry is not doubled', async () => {
    const { client, run } = led([pick('carol'), pick('carol'), END], { retries: 1 });
    await run('task').catch(() => {});

    await run('task');

    expect(client.requests.map(wordsOf).at(-1)).toEqual(['task', 'DECIDE']);
  });

  it('keeps tool calls and results of the decision in the session', async () => {
    const count = defineTool({
      name: 'count',
      description: 'Counts',
      input: z.object({}),
      execute: () => 7,
    });
    const client = scripted([toolCall('count'), pick('bob'), END]);
    const bob = new Agent({ name: 'bob', client: scripted(['hi']) });
    const lead = new Agent({ name: 'lead', client, tools: [count] });

    await groupChat({ participants: [bob], orchestrator: lead }).run('task');

    const types = client.requests.at(-1)?.messages.map(({ contents }) => contents[0]?.type);
    expect(types).toEqual([
      'text',
      'text',
      'function_call',
      'function_result',
      'text',
      'text',
      'text',
    ]);
  });

  it('is not what a failed model call is: that fails the run and is not repaired', async () => {
    const down = new ChatClientError('down', { code: 'chat-client/connection', retryable: true });
    const { client, run } = led([down, END]);

    const error = await failureOf(run('task'));
    await run('again');

    expect(error).toBe(down);
    expect(client.requests.map(wordsOf)).toEqual([
      ['task', 'DECIDE'],
      ['again', 'DECIDE'],
    ]);
  });
});

describe('the session of an agent that leads', () => {
  it('brings its notes from one decision to the next', async () => {
    const seen: unknown[] = [];
    const inner = new Agent({ name: 'lead', client: scripted([pick('bob'), END]) });
    const lead: AgentLike = {
      id: 'lead',
      name: 'lead',
      description: '',
      run: (input, options = {}) => {
        seen.push(options.session?.state.get('calls'));
        options.session?.state.set('calls', seen.length);
        return inner.run(input, options);
      },
      stream: (input, options) => inner.stream(input, options),
      createSession: () => new AgentSession({ state: { calls: 0 } }),
    };
    const bob = new Agent({ name: 'bob', client: scripted(['hi']) });

    await groupChat({ participants: [bob], orchestrator: lead }).run('task');

    expect(seen).toEqual([0, 1]);
  });

  it('may be the caller’s, who finds the decisions in it', async () => {
    const session = new AgentSession({ id: 'mine' });
    const { client, run } = led([pick('bob_b'), END], { session });

    await run('task');

    expect(client.requests.map(({ sessionId }) => sessionId)).toEqual(['mine', 'mine']);
    expect(wordsOf({ messages: session.history } as RecordedRequest)).toEqual([
      'task',
      'DECIDE',
      JSON.stringify(pick('bob_b')),
      'bob_b 1',
      'DECIDE',
      JSON.stringify(END),
    ]);
  });

  it('is as it was where the run is cancelled during the agent’s call', async () => {
    const session = new AgentSession();
    const asked = Promise.withResolvers<undefined>();
    const never = Promise.withResolvers<ScriptEntry>();
    const waiting = (): Promise<ScriptEntry> => {
      asked.resolve(undefined);
      return never.promise;
    };
    const client = scripted([waiting]);
    const chat = groupChat({
      participants: [new Agent({ name: 'bob', client: scripted([]) })],
      orchestrator: { agent: new Agent({ name: 'lead', client }), session },
      graceMs: 0,
    });
    const controller = new AbortController();
    const running = chat.run('task', { signal: controller.signal });
    await asked.promise;

    controller.abort(new Error('enough'));

    await expect(running).rejects.toThrow('enough');
    expect(chat.status).toBe('cancelled');
    expect(session.history).toEqual([]);
    never.resolve('too late');
  });

  it('gets nothing of a call that ignores the cancellation and ends after it', async () => {
    const asked = Promise.withResolvers<undefined>();
    const late = Promise.withResolvers<undefined>();
    const client = scripted([pick('bob')]);
    const inner = new Agent({ name: 'lead', client });
    const deaf: AgentLike = {
      id: 'lead',
      name: 'lead',
      description: '',
      run: async (input, { session: given } = {}) => {
        asked.resolve(undefined);
        await late.promise;
        return inner.run(input, given === undefined ? {} : { session: given });
      },
      stream: (input, options) => inner.stream(input, options),
      createSession: () => inner.createSession(),
    };
    const session = new AgentSession();
    const bob = new Agent({ name: 'bob', client: scripted(['hi']) });
    const orchestrator = { agent: deaf, session };
    const chat = groupChat({ participants: [bob], orchestrator, graceMs: 0 });
    const stream = chat.stream('old');
    await asked.promise;

    await stream.cancel();
    late.resolve(undefined);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });

    expect(client.requests).toHaveLength(1);
    expect(session.history).toEqual([]);
  });
});
