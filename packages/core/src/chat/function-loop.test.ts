import { chunks, type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ResponseFold } from '../messages/coalesce.ts';
import { type Content } from '../messages/content.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { defineTool } from '../tools/define-tool.ts';
import { type FunctionTool } from '../tools/tool.ts';
import {
  type FunctionLoopCall,
  type FunctionLoopResult,
  runFunctionLoop,
} from './function-loop.ts';

const input = z.object({ city: z.string() });

const weather = defineTool({
  name: 'get_weather',
  description: 'Current weather in a city',
  input,
  execute: ({ city }) => `sunny in ${city}`,
});

const refund = defineTool({
  name: 'refund',
  description: 'Pays money back',
  input: z.object({ amount: z.number() }),
  needsApproval: true,
  execute: ({ amount }) => `refunded ${amount}`,
});

const question = [textMessage('user', 'Weather?')];

/** One loop over a script, and all that was seen of it. */
async function run(
  script: readonly ScriptEntry[],
  options: Partial<FunctionLoopCall> = {},
): Promise<{
  result: FunctionLoopResult;
  requests: readonly (readonly Message[])[];
  toolChoices: readonly unknown[];
  updates: readonly ChatResponseUpdate[];
}> {
  const client = scripted(script);
  const updates: ChatResponseUpdate[] = [];
  const context = {
    signal: new AbortController().signal,
    agentName: 'guide',
    sessionId: undefined,
    runContext: undefined,
  };
  const result = await runFunctionLoop({
    client,
    tools: [weather, refund],
    history: [],
    input: question,
    options: {},
    maxToolRounds: 10,
    context,
    onUpdate: (update) => updates.push(update),
    ...options,
  });
  client.assertExhausted();
  const requests = client.requests.map(({ messages }) => messages);
  const toolChoices = client.requests.map((request) => request.options.toolChoice);
  return { result, requests, toolChoices, updates };
}

function called(callId: string, args: object, name = 'get_weather'): Content {
  return { type: 'function_call', callId, name, arguments: { ...args } };
}

function told(callId: string, result: string): Content {
  return { type: 'function_result', callId, result };
}

function failed(callId: string, error: unknown): unknown {
  return { type: 'function_result', callId, error };
}

function resultsIn(messages: readonly Message[] | undefined): unknown[] {
  return (messages ?? []).flatMap(({ role, contents }) => (role === 'tool' ? contents : []));
}

describe('runFunctionLoop', () => {
  it('answers at once where the model calls nothing', async () => {
    const { result } = await run(['Sunny.']);

    expect(result).toEqual({
      messages: [textMessage('assistant', 'Sunny.')],
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      finishReason: 'stop',
      requests: [],
    });
  });

  it('tells the model the results of its calls until it answers, and sums the usage', async () => {
    const { result, requests } = await run([
      ['Let me see.', toolCall('get_weather', { city: 'Oslo' })],
      'Sunny.',
    ]);

    const added: Message[] = [
      {
        role: 'assistant',
        contents: [{ type: 'text', text: 'Let me see.' }, called('call_1', { city: 'Oslo' })],
      },
      { role: 'tool', contents: [told('call_1', 'sunny in Oslo')] },
      textMessage('assistant', 'Sunny.'),
    ];
    expect(result.messages).toEqual(added);
    expect(requests).toEqual([question, [...question, ...added.slice(0, 2)]]);
    expect(result.usage).toEqual({ inputTokens: 5, outputTokens: 5, totalTokens: 10 });
  });

  it('L2: tells updates whose fold is the result, each when it happens', async () => {
    const { result, updates } = await run([
      [chunks('Let me', ' see.'), toolCall('get_weather', { city: 'Oslo' })],
      [toolCall('refund', { amount: 1 }), toolCall('get_weather', { city: 'Rome' })],
    ]);

    const fold = new ResponseFold();
    for (const update of updates) fold.add(update);
    expect(fold.finish()).toMatchObject({ messages: result.messages, usage: result.usage });
    expect(updates.flatMap(({ contents }) => contents.map(({ type }) => type))).toEqual([
      'text',
      'text',
      'function_call',
      'usage',
      'function_result',
      'function_call',
      'function_call',
      'usage',
      'function_approval_request',
      'function_result',
    ]);
  });

  it('runs the calls of one reply beside each other and tells the results in their order', async () => {
    const order: string[] = [];
    let release = (): void => {};
    const secondHasRun = new Promise<void>((resolve) => (release = resolve));
    const tool = defineTool({
      ...weather,
      input,
      execute: async ({ city }) => {
        order.push(`begin ${city}`);
        if (city === 'Oslo') await secondHasRun;
        else release();
        order.push(`end ${city}`);
        return city;
      },
    });

    const { result } = await run(
      [
        [toolCall('get_weather', { city: 'Oslo' }), toolCall('get_weather', { city: 'Rome' })],
        'Done.',
      ],
      { tools: [tool] },
    );

    expect(order).toEqual(['begin Oslo', 'begin Rome', 'end Rome', 'end Oslo']);
    expect(resultsIn(result.messages)).toEqual([told('call_1', 'Oslo'), told('call_2', 'Rome')]);
  });

  it('tells the model about bad arguments, unknown tools and failures, and goes on', async () => {
    const broken = defineTool({
      ...weather,
      name: 'broken',
      input,
      execute: () => {
        throw new Error('out of order');
      },
    });

    const { requests } = await run(
      [
        [
          toolCall('get_weather', { city: 3 }),
          toolCall('get_weather', '{"city"'),
          toolCall('get_wether', { city: 'Oslo' }),
          toolCall('broken', { city: 'Oslo' }),
        ],
        'Sorry.',
      ],
      { tools: [weather, broken] },
    );

    expect(resultsIn(requests[1])).toEqual([
      failed('call_1', expect.stringContaining('do not fit: city:')),
      failed('call_2', expect.stringContaining('expected a JSON object')),
      failed('call_3', 'There is no tool "get_wether". There are: get_weather, broken.'),
      failed('call_4', 'out of order'),
    ]);
  });

  it('L1: gives calls that repeat an id results of their own', async () => {
    const ran: string[] = [];
    const tool = defineTool({
      ...weather,
      input,
      execute: ({ city }) => {
        ran.push(city);
        return city;
      },
    });
    const again = { callId: 'x' };

    const { requests } = await run(
      [
        [
          toolCall('get_weather', { city: 'Oslo' }, again),
          toolCall('get_weather', { city: 'Rome' }, again),
        ],
        toolCall('get_weather', { city: 'Bern' }, again),
        'Done.',
      ],
      { tools: [tool] },
    );

    expect(ran).toEqual(['Oslo', 'Rome', 'Bern']);
    expect(requests[2]?.slice(1)).toEqual([
      {
        role: 'assistant',
        contents: [called('x', { city: 'Oslo' }), called('x_2', { city: 'Rome' })],
      },
      { role: 'tool', contents: [told('x', 'Oslo'), told('x_2', 'Rome')] },
      { role: 'assistant', contents: [called('x_3', { city: 'Bern' })] },
      { role: 'tool', contents: [told('x_3', 'Bern')] },
    ]);
  });

  it('L1: takes the half of a call in one answer and the half in the next for two calls', async () => {
    const again = { callId: 'x' };

    const { result } = await run([
      toolCall('get_weather', '{"city":', again),
      toolCall('get_weather', '"Oslo"}', again),
      'Sorry.',
    ]);

    const broken = expect.stringContaining('expected a JSON object');
    expect(resultsIn(result.messages)).toEqual([failed('x', broken), failed('x_2', broken)]);
  });

  it('asks once more with tools forbidden when the rounds are used up', async () => {
    const { result, toolChoices } = await run(
      [toolCall('get_weather', { city: 'Oslo' }), 'That is all I know.'],
      { maxToolRounds: 1 },
    );

    expect(toolChoices).toEqual([undefined, 'none']);
    expect(result.messages.at(-1)).toEqual(textMessage('assistant', 'That is all I know.'));
  });

  it('L1: answers the calls of a model that calls though it must not', async () => {
    const { result } = await run([toolCall('get_weather', { city: 'Oslo' })], { maxToolRounds: 0 });

    expect(result.messages).toEqual([
      { role: 'assistant', contents: [called('call_1', { city: 'Oslo' })] },
      {
        role: 'tool',
        contents: [failed('call_1', 'Not called: the limit of tool rounds is reached.')],
      },
    ]);
  });

  it('demands a call only once', async () => {
    const { toolChoices } = await run([toolCall('get_weather', { city: 'Oslo' }), 'Sunny.'], {
      options: { toolChoice: 'required' },
    });

    expect(toolChoices).toEqual(['required', 'auto']);
  });

  it('rejects with the reason when it is aborted while tools run', async () => {
    const controller = new AbortController();
    const tool = defineTool({
      ...weather,
      input,
      execute: () => {
        controller.abort('enough');
        return new Promise(() => {});
      },
    });
    const { signal } = controller;
    const context = { signal, agentName: 'a', sessionId: undefined, runContext: undefined };

    const running = run(
      [[toolCall('get_weather', { city: 'Oslo' }), toolCall('get_weather', { city: 'Rome' })]],
      { tools: [tool], context, options: { signal } },
    );

    await expect(running).rejects.toBe('enough');
  });
});

/** A conversation in which `refund` waits for approval and `get_weather` has run. */
async function pause(tools: readonly FunctionTool[] = [weather, refund]): Promise<Message[]> {
  const { result } = await run(
    [[toolCall('refund', { amount: 90 }), toolCall('get_weather', { city: 'Oslo' })]],
    { tools },
  );
  return [...question, ...result.messages];
}

function answer(approved: boolean, id = 'call_1'): Message {
  return { role: 'user', contents: [{ type: 'function_approval_response', id, approved }] };
}

describe('runFunctionLoop with approvals', () => {
  it('asks about the call, runs the others, and ends without asking the model', async () => {
    const { result } = await run([
      [toolCall('refund', { amount: 90 }), toolCall('get_weather', { city: 'Oslo' })],
    ]);

    const functionCall = called('call_1', { amount: 90 }, 'refund');
    const request = { type: 'function_approval_request', id: 'call_1', functionCall };
    expect(result).toMatchObject({
      messages: [
        {
          role: 'assistant',
          contents: [functionCall, called('call_2', { city: 'Oslo' }), request],
        },
        { role: 'tool', contents: [told('call_2', 'sunny in Oslo')] },
      ],
      finishReason: 'tool_calls',
      requests: [request],
    });
  });

  it('runs an approved call and goes on; nothing of the approval reaches the model', async () => {
    const history = await pause();

    const { result, requests } = await run(['Done.'], { history, input: [answer(true)] });

    expect(result.messages).toEqual([
      { role: 'tool', contents: [told('call_1', 'refunded 90')] },
      textMessage('assistant', 'Done.'),
    ]);
    expect(requests[0]).toEqual([
      ...question,
      {
        role: 'assistant',
        contents: [called('call_1', { amount: 90 }, 'refund'), called('call_2', { city: 'Oslo' })],
      },
      { role: 'tool', contents: [told('call_1', 'refunded 90'), told('call_2', 'sunny in Oslo')] },
    ]);
  });

  it('tells the model that a call was declined', async () => {
    const history = await pause();

    const { requests } = await run(['I see.'], { history, input: [answer(false)] });

    expect(resultsIn(requests[0])).toEqual([
      failed('call_1', 'The user declined this call.'),
      told('call_2', 'sunny in Oslo'),
    ]);
  });

  it('tells the model that nobody answered when the user says something else', async () => {
    const history = await pause();
    const said = textMessage('user', 'Never mind.');

    const { result, requests } = await run(['Fine.'], { history, input: [said] });

    expect(requests[0]?.at(-1)).toEqual(said);
    expect(resultsIn(requests[0])[0]).toEqual(
      failed('call_1', expect.stringContaining('nobody answered')),
    );
    const late = run([], {
      history: [...history, said, ...result.messages],
      input: [answer(true)],
    });
    await expect(late).rejects.toMatchObject({ code: 'agent/approval' });
  });

  it('asks the model only when all answers are in, and runs nothing twice', async () => {
    const ran: number[] = [];
    const tool = defineTool({
      ...refund,
      input: z.object({ amount: z.number() }),
      needsApproval: true,
      execute: ({ amount }) => ran.push(amount),
    });
    const tools = [tool];
    const both = [toolCall('refund', { amount: 1 }), toolCall('refund', { amount: 2 })];
    const first = await run([both], { tools });
    const history = [...question, ...first.result.messages];

    const second = await run([], { tools, history, input: [answer(true, 'call_2')] });
    const all = [...history, answer(true, 'call_2'), ...second.result.messages];
    const third = await run(['Done.'], { tools, history: all, input: [answer(true, 'call_1')] });

    expect(second.result.requests.map(({ id }) => id)).toEqual(['call_1']);
    expect(ran).toEqual([2, 1]);
    expect(resultsIn(third.requests[0])).toEqual([
      { type: 'function_result', callId: 'call_1', result: 2 },
      { type: 'function_result', callId: 'call_2', result: 1 },
    ]);
  });

  it('runs nothing for an answer that nobody asked for', async () => {
    const history = await pause();

    const running = run([], { history, input: [answer(true), answer(true, 'call_9')] });

    await expect(running).rejects.toMatchObject({ name: 'ApprovalError' });
  });

  it('does not run a call when the tool cannot say whether it needs approval', async () => {
    const tool = defineTool({
      ...weather,
      input,
      needsApproval: () => {
        throw new Error('no rules');
      },
      execute: () => 'ran',
    });

    const { requests } = await run([toolCall('get_weather', { city: 'Oslo' }), 'Hm.'], {
      tools: [tool],
    });

    expect(resultsIn(requests[1])).toEqual([failed('call_1', expect.stringContaining('no rules'))]);
  });

  it('asks nobody about arguments that do not fit', async () => {
    const { result } = await run([toolCall('refund', { amount: 'all' }), 'Sorry.']);

    expect(result.requests).toEqual([]);
    expect(resultsIn(result.messages)).toEqual([
      failed('call_1', expect.stringContaining('do not fit')),
    ]);
  });

  it('goes on without a session when the conversation is the input', async () => {
    const conversation = await pause();

    const { result } = await run(['Done.'], { input: [...conversation, answer(true)] });

    expect(result.messages).toEqual([
      { role: 'tool', contents: [told('call_1', 'refunded 90')] },
      textMessage('assistant', 'Done.'),
    ]);
  });
});
