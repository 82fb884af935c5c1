import { textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import { chunk, FROM_CHUNKS, toolDelta, usageChunk } from '../../test/chat-chunks.ts';
import {
  collect,
  cutSse,
  openSse,
  rawSse,
  rejectionOf,
  sse,
  useFakeService,
} from '../../test/fake-service.ts';
import { OpenAIChatClient } from '../openai-chat-client.ts';

const service = useFakeService();
const client = new OpenAIChatClient({ model: 'gpt-test', apiKey: 'sk-test', maxRetries: 0 });
const hello = [textMessage('user', 'Hello')];

/** The contents of all updates of an answer. */
async function contentsOf(...events: readonly unknown[]) {
  service.answer(sse(...events));
  const updates = await collect(client.stream(hello));
  return updates.flatMap((update) => update.contents);
}

describe('an answer of Chat Completions', () => {
  it('streams text, then usage and the finish reason', async () => {
    service.answer(
      sse(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        chunk({}, 'stop'),
        usageChunk({
          prompt_tokens: 10,
          completion_tokens: 5,
          total_tokens: 15,
          prompt_tokens_details: { cached_tokens: 4 },
          completion_tokens_details: { reasoning_tokens: 2 },
        }),
      ),
    );

    const updates = await collect(client.stream(hello));

    const usage = {
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      cachedInputTokens: 4,
      reasoningTokens: 2,
    };
    expect(updates).toEqual([
      { ...FROM_CHUNKS, contents: [{ type: 'text', text: 'Hel' }] },
      { ...FROM_CHUNKS, contents: [{ type: 'text', text: 'lo' }] },
      { ...FROM_CHUNKS, contents: [{ type: 'usage', usage }], finishReason: 'stop' },
    ]);
  });

  it.each(['reasoning_content', 'reasoning'])('streams reasoning from %s', async (field) => {
    const contents = await contentsOf(
      chunk({ [field]: 'Hmm' }),
      chunk({ content: 'Yes' }),
      chunk({}, 'stop'),
    );

    expect(contents).toEqual([
      { type: 'reasoning', text: 'Hmm' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool_calls'],
    ['function_call', 'tool_calls'],
    ['content_filter', 'content_filter'],
    ['eos', 'stop'],
  ])('tells the finish reason %s as %s', async (given, told) => {
    service.answer(sse(chunk({ content: 'x' }, given)));

    const updates = await collect(client.stream(hello));

    expect(updates.at(-1)).toEqual({ ...FROM_CHUNKS, contents: [], finishReason: told });
  });

  it('ends a refusal with an error content and content_filter', async () => {
    service.answer(
      sse(chunk({ refusal: 'I cannot ' }), chunk({ refusal: 'do that.' }), chunk({}, 'stop')),
    );

    const updates = await collect(client.stream(hello));

    expect(updates).toEqual([
      {
        ...FROM_CHUNKS,
        contents: [{ type: 'error', code: 'refusal', message: 'I cannot do that.' }],
        finishReason: 'content_filter',
      },
    ]);
  });

  it('R1: keeps the ids of the first chunk', async () => {
    const { choices } = { choices: [{ delta: { content: 'b' }, finish_reason: 'stop' }] };
    service.answer(sse(chunk({ content: 'a' }), { id: 'other', model: 'other', choices }));

    const updates = await collect(client.stream(hello));

    expect(updates.map((update) => update.messageId)).toEqual(Array(3).fill('chatcmpl-1'));
  });

  it('R2: tells a usage that grows with every chunk once', async () => {
    const usage = (tokens: number) => ({ usage: { prompt_tokens: 3, completion_tokens: tokens } });

    const contents = await contentsOf(
      { ...chunk({ content: 'a' }), ...usage(1) },
      { ...chunk({ content: 'b' }, 'stop'), ...usage(2) },
    );

    expect(contents).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } },
    ]);
  });

  it('R4: reads the first choice only', async () => {
    const second = { index: 1, delta: { content: 'second' }, finish_reason: 'stop' };

    const contents = await contentsOf(chunk({ content: 'first' }, 'stop'), { choices: [second] });

    expect(contents).toEqual([{ type: 'text', text: 'first' }]);
  });

  it('reads text in parts, and a whole message in place of a delta', async () => {
    const message = {
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    };

    const contents = await contentsOf({ choices: [{ message, finish_reason: 'stop' }] });

    expect(contents).toEqual([{ type: 'text', text: 'ab' }]);
  });

  it('carries no ids where the server gives none', async () => {
    service.answer(sse({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] }));

    const updates = await collect(client.stream(hello));

    expect(updates).toEqual([
      { role: 'assistant', contents: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', contents: [], finishReason: 'stop' },
    ]);
  });
});

describe('tool calls of Chat Completions', () => {
  const call = (callId: string, name: string, args: string) => ({
    type: 'function_call',
    callId,
    name,
    arguments: args,
  });

  it('continue over chunks, in parallel, by index', async () => {
    const contents = await contentsOf(
      toolDelta({ index: 0, id: 'call_a' }, { name: 'add', arguments: '' }),
      toolDelta({ index: 0 }, { arguments: '{"x":' }),
      toolDelta({ index: 1, id: 'call_b' }, { name: 'sub', arguments: '' }),
      toolDelta({ index: 1 }, { arguments: '{"y":' }),
      toolDelta({ index: 0 }, { arguments: '1}' }),
      toolDelta({ index: 1 }, { arguments: '2}' }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([
      call('call_a', 'add', ''),
      call('call_a', 'add', '{"x":'),
      call('call_b', 'sub', ''),
      call('call_b', 'sub', '{"y":'),
      call('call_a', 'add', '1}'),
      call('call_b', 'sub', '2}'),
    ]);
  });

  it('are told with the finish reason tool_calls, also where the server says stop', async () => {
    service.answer(
      sse(toolDelta({ index: 0, id: 'a' }, { name: 'f', arguments: '{}' }), chunk({}, 'stop')),
    );

    const updates = await collect(client.stream(hello));

    expect(updates.at(-1)?.finishReason).toBe('tool_calls');
  });

  it('pass arguments that are not JSON on as text', async () => {
    const contents = await contentsOf(
      toolDelta({ index: 0, id: 'a' }, { name: 'f', arguments: '{"x": oops' }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([call('a', 'f', '{"x": oops')]);
  });

  it('may come whole, without index, in one chunk', async () => {
    const contents = await contentsOf(
      chunk({
        tool_calls: [
          { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', function: { name: 'f', arguments: { x: 2 } } },
        ],
      }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([call('a', 'f', '{"x":1}'), call('b', 'f', '{"x":2}')]);
  });

  it('continue by id, or as the latest, without an index', async () => {
    const contents = await contentsOf(
      toolDelta({ id: 'a' }, { name: 'f', arguments: '{' }),
      toolDelta({ id: 'b' }, { name: 'g', arguments: '[' }),
      toolDelta({ id: 'a' }, { name: 'f', arguments: '}' }),
      toolDelta({}, { arguments: ']' }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([
      call('a', 'f', '{'),
      call('b', 'g', '['),
      call('a', 'f', '}'),
      call('b', 'g', ']'),
    ]);
  });

  it('are told apart by id where all have the index 0', async () => {
    const contents = await contentsOf(
      toolDelta({ index: 0, id: 'a' }, { name: 'f', arguments: '{}' }),
      toolDelta({ index: 0, id: 'b' }, { name: 'f', arguments: '{' }),
      toolDelta({ index: 0 }, { arguments: '}' }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([call('a', 'f', '{}'), call('b', 'f', '{'), call('b', 'f', '}')]);
  });

  it('stay one call where id and name are repeated, or every piece has an id of its own', async () => {
    const contents = await contentsOf(
      toolDelta({ index: 0, id: 'a' }, { name: 'f', arguments: '{' }),
      toolDelta({ index: 0, id: 'a' }, { name: 'f', arguments: '}' }),
      toolDelta({ index: 1, id: 'b' }, { name: 'g', arguments: '{' }),
      toolDelta({ index: 1, id: 'c' }, { arguments: '}' }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([
      call('a', 'f', '{'),
      call('a', 'f', '}'),
      call('b', 'g', '{'),
      call('b', 'g', '}'),
    ]);
  });

  it('get unique ids where the server gives none', async () => {
    const contents = await contentsOf(
      chunk({ tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }),
      chunk({ tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
    );

    const ids = contents.map((content) => (content.type === 'function_call' ? content.callId : ''));
    expect(ids).toEqual([expect.stringMatching(/^call_.{36}$/), expect.stringMatching(/^call_/)]);
    expect(new Set(ids).size).toBe(2);
  });

  it('R4: hold their arguments until the name has come', async () => {
    const contents = await contentsOf(
      toolDelta({ index: 0, id: 'a' }, { arguments: '{"x"' }),
      toolDelta({ index: 0 }, { name: 'f', arguments: ':1}' }),
      chunk({}, 'tool_calls'),
    );

    expect(contents).toEqual([call('a', 'f', '{"x":1}')]);
  });
});

describe('a broken answer of Chat Completions', () => {
  it('R3: is interrupted when it ends without a finish reason', async () => {
    service.answer(cutSse(chunk({ content: 'Hel' })));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      name: 'ChatClientError',
      code: 'chat-client/interrupted',
      retryable: true,
      requestId: 'req_1',
      message:
        'Expected the answer to run to its end, but the stream of "gpt-test" at https://api.openai.com/v1 ended ' +
        'without a finish reason. What came before is incomplete; send the request again.',
    });
  });

  it('is interrupted when nothing comes', async () => {
    service.answer(cutSse());

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/interrupted',
    });
  });

  it('is interrupted when the connection breaks, after what had come', async () => {
    const answer = openSse(chunk({ content: 'Hel' }));
    const direct = new OpenAIChatClient({
      model: 'gpt-test',
      apiKey: 'sk-test',
      fetch: () => Promise.resolve(answer.response),
    });
    const contents: unknown[] = [];

    const reading = (async () => {
      for await (const update of direct.stream(hello)) {
        contents.push(...update.contents);
        answer.break();
      }
    })();

    await expect(reading).rejects.toMatchObject({
      code: 'chat-client/interrupted',
      retryable: true,
      requestId: 'req_1',
      cause: expect.any(Error),
    });
    expect(contents).toEqual([{ type: 'text', text: 'Hel' }]);
  });

  it('is invalid when an event is not JSON', async () => {
    service.answer(rawSse('data: {"id": "chatcmpl-1", oops\n\n'));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/invalid-response',
      retryable: true,
      requestId: 'req_1',
      cause: expect.any(SyntaxError),
    });
  });

  it('is invalid when an event is not an object', async () => {
    service.answer(sse('hello'));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/invalid-response',
      message: expect.stringContaining('but got "hello" in place of a chunk'),
    });
  });

  it('is invalid when no chunk has a choice', async () => {
    service.answer(sse({ id: 'x', choices: [] }));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/invalid-response',
      retryable: true,
      message: expect.stringContaining('but no chunk had a choice'),
    });
  });

  it('is invalid when a tool call has no name', async () => {
    service.answer(
      sse(toolDelta({ index: 0, id: 'a' }, { arguments: '{}' }), chunk({}, 'tool_calls')),
    );

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/invalid-response',
      message: expect.stringContaining('the tool calls a have no name'),
    });
  });

  it('is invalid when it is no event stream', async () => {
    service.answer(Response.json({ choices: [] }));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/invalid-response',
      retryable: false,
      message: expect.stringContaining('got application/json'),
    });
  });
});
