import { ChatClientError, collectChatResponse, type ToolSpec, textMessage } from '@colloquy/core';
import { OpenAIChatClient } from '@colloquy/openai';
import {
  chatClientSuite,
  chunks,
  type FakeOpenAI,
  fakeOpenAI,
  type FaultKind,
  type ScriptEntry,
  toolCall,
} from '@colloquy/testing';
import { OpenAI } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';

const open: FakeOpenAI[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()));
});

async function start(...args: Parameters<typeof fakeOpenAI>): Promise<FakeOpenAI> {
  const service = await fakeOpenAI(...args);
  open.push(service);
  return service;
}

const hello = [textMessage('user', 'Hello')];
const look: ToolSpec = { name: 'look', description: 'Looks.', parameters: { type: 'object' } };
const sdkOf = (service: FakeOpenAI, options: { timeout?: number } = {}): OpenAI =>
  new OpenAI({ baseURL: service.baseURL, apiKey: 'any', maxRetries: 0, ...options });

describe.each(['chat', 'responses'] as const)('our client with the %s API', (api) => {
  const clientOf = (service: FakeOpenAI, maxRetries = 0, timeoutMs = 10_000): OpenAIChatClient =>
    new OpenAIChatClient({
      model: 'm',
      api,
      baseURL: service.baseURL,
      apiKey: 'any',
      maxRetries,
      timeoutMs,
    });

  it('streams text in its pieces', async () => {
    const service = await start([chunks('Ri', 'de', ' on')]);
    const texts: string[] = [];
    for await (const { contents } of clientOf(service).stream(hello))
      for (const content of contents) if (content.type === 'text') texts.push(content.text);

    expect(texts).toEqual(['Ri', 'de', ' on']);
  });

  it('is told finish reason and usage', async () => {
    const service = await start(['two words']);

    expect(await collectChatResponse(clientOf(service), hello)).toMatchObject({
      text: 'two words',
      finishReason: 'stop',
      model: 'm',
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    });
  });

  it('brings tools, calls and results there and back', async () => {
    const script: ScriptEntry[] = [
      ['let me see', toolCall('look', { at: 'a' }), toolCall('look', { at: 'b' })],
      'done',
    ];
    const service = await start(script);
    const client = clientOf(service);
    const first = await collectChatResponse(client, hello, { tools: [look] });
    const results = first.messages
      .flatMap(({ contents }) => contents)
      .flatMap((content) =>
        content.type === 'function_call'
          ? [{ type: 'function_result' as const, callId: content.callId, result: 'seen' }]
          : [],
      );
    await collectChatResponse(client, [
      ...hello,
      ...first.messages,
      { role: 'tool', contents: results },
    ]);

    expect(first).toMatchObject({ text: 'let me see', finishReason: 'tool_calls' });
    expect(service.requests[0]).toMatchObject({ tools: [look] });
    expect(service.requests[1]?.messages.flatMap(({ contents }) => contents)).toMatchObject([
      { type: 'text', text: 'Hello' },
      { type: 'text', text: 'let me see' },
      { type: 'function_call', callId: 'call_1', name: 'look', arguments: '{"at":"a"}' },
      { type: 'function_call', callId: 'call_2', name: 'look', arguments: '{"at":"b"}' },
      { type: 'function_result', callId: 'call_1', result: 'seen' },
      { type: 'function_result', callId: 'call_2', result: 'seen' },
    ]);
  });

  it('brings instructions and the shape of the answer there', async () => {
    const service = await start([{ x: 1 }]);
    const schema = { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] };
    const options = { instructions: 'Be brief.', output: { name: 'point', schema } };
    const { text } = await collectChatResponse(clientOf(service), hello, options);

    expect(text).toBe('{"x":1}');
    expect(service.requests[0]).toMatchObject({
      instructions: 'Be brief.',
      output: { name: 'point', schema: { type: 'object', required: ['x'] } },
    });
  });

  it.each([
    ['rate-limit', 'chat-client/rate-limit'],
    ['server-error', 'chat-client/server'],
    ['cut-stream', 'chat-client/interrupted'],
    ['timeout', 'chat-client/timeout'],
  ] as const)('meets %s as %s', async (fault, code) => {
    const service = await start(['an answer that is cut'], { plan: [fault] });
    const asked = collectChatResponse(clientOf(service, 0, 50), hello);

    await expect(asked).rejects.toMatchObject({ name: 'ChatClientError', code, retryable: true });
    expect(service.injected).toMatchObject([{ fault }]);
  });

  it('waits as long as the service asks, and asks again', async () => {
    const service = await start(['at last'], {
      plan: ['rate-limit', 'rate-limit'],
      retryAfterMs: 1,
    });

    expect((await collectChatResponse(clientOf(service, 2), hello)).text).toBe('at last');
    expect(service.wire).toHaveLength(3);
  });

  it.each<[FaultKind, object]>([
    ['empty-reply', { text: '', finishReason: 'stop' }],
    ['refusal', { text: '', finishReason: 'content_filter' }],
    ['ghost-tool-call', { finishReason: 'tool_calls' }],
  ])('is told of %s', async (fault, response) => {
    const service = await start([], { plan: [fault] });

    expect(await collectChatResponse(clientOf(service), hello)).toMatchObject(response);
  });

  it('tells what is wrong with the script at once', async () => {
    const service = await start([]);
    const asked = collectChatResponse(clientOf(service, 2), hello);

    await expect(asked).rejects.toMatchObject({ code: 'chat-client/invalid-request' });
    await expect(asked).rejects.toThrow('The script has 0 entries');
    expect(service.wire).toHaveLength(1);
  });

  it('tells the model that its caller has gone', async () => {
    const gone = Promise.withResolvers<unknown>();
    const service = await start({
      async *stream(_messages, { signal } = {}) {
        yield { contents: [{ type: 'text', text: 'a' }] };
        signal?.addEventListener('abort', () => gone.resolve(signal.reason));
        await gone.promise;
      },
    });
    for await (const { contents } of clientOf(service).stream(hello))
      if (contents.some(({ type }) => type === 'text')) break;

    await expect(gone.promise).resolves.toMatchObject({ message: 'The caller has gone.' });
  });
});

describe.each(['chat', 'responses'] as const)('the suite on our client with the %s API', (api) => {
  const suite = chatClientSuite(async ({ script, faults }) => {
    const service = await fakeOpenAI(script, faults);
    const options = { model: 'm', api, baseURL: service.baseURL, apiKey: 'any', maxRetries: 0 };
    const { requests } = service;
    const close = (): Promise<void> => service.close();
    return { client: new OpenAIChatClient(options), requests, close };
  });

  it.each(suite)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the official client', () => {
  it('creates and streams chat completions', async () => {
    const service = await start([toolCall('look', { at: 'a' }), chunks('a', 'b'), 'whole']);
    const { chat } = sdkOf(service);
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const called = await chat.completions.create({ model: 'm', messages });
    const streamed = await chat.completions.stream({ model: 'm', messages }).finalChatCompletion();
    const whole = await chat.completions.create({ model: 'm', messages });

    expect(called.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [{ id: 'call_1', function: { name: 'look', arguments: '{"at":"a"}' } }],
      },
    });
    expect(streamed.choices[0]?.message.content).toBe('ab');
    expect(whole).toMatchObject({
      model: 'm',
      choices: [{ message: { content: 'whole' } }],
      usage: { total_tokens: 2 },
    });
  });

  it('creates and streams responses', async () => {
    const service = await start([
      ['hm', toolCall('look', { at: 'a' })],
      ['hm', toolCall('look', { at: 'b' })],
    ]);
    const { responses } = sdkOf(service);
    const streamed = await responses.stream({ model: 'm', input: 'Hello' }).finalResponse();
    const whole = await responses.create({ model: 'm', input: 'Hello' });

    expect(streamed).toMatchObject({ id: 'resp_1', status: 'completed', output_text: 'hm' });
    expect(streamed.output.map(({ type }) => type)).toEqual(['message', 'function_call']);
    expect(whole.output[1]).toMatchObject({ name: 'look', arguments: '{"at":"b"}' });
    expect(whole.output_text).toBe('hm');
  });

  it('is told of refusals and of a limit that was reached', async () => {
    const service = await start(
      {
        async *stream() {
          yield { contents: [{ type: 'text', text: 'cut' }], finishReason: 'length' };
        },
      },
      { plan: ['refusal', 'refusal', null] },
    );
    const sdk = sdkOf(service);
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const chat = await sdk.chat.completions.create({ model: 'm', messages });
    const refused = await sdk.responses.stream({ model: 'm', input: 'x' }).finalResponse();
    const cut = await sdk.responses.create({ model: 'm', input: 'x' });

    expect(chat.choices[0]?.message.refusal).toContain('cannot help');
    expect(refused.output).toMatchObject([{ content: [{ type: 'refusal' }] }]);
    expect(cut).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
  });

  it('is refused with the status of the fault', async () => {
    const service = await start([], { plan: ['rate-limit', 'server-error'], retryAfterMs: 1500 });
    const ask = () => sdkOf(service).responses.create({ model: 'm', input: 'x' });

    await expect(ask()).rejects.toMatchObject({ status: 429 });
    await expect(ask()).rejects.toMatchObject({ status: 503 });
  });

  it('gets 404 where there is nothing', async () => {
    const service = await start([]);
    const listed = sdkOf(service).models.list();

    await expect(listed).rejects.toThrow('Expected a POST of JSON to one of');
    expect(service.wire).toMatchObject([
      { path: '/v1/models', headers: { authorization: '[redacted]' } },
    ]);
  });
});

describe('fakeOpenAI', () => {
  it('closes with its connections', async () => {
    const service = await fakeOpenAI(['a'], { plan: ['timeout'] });
    const asked = sdkOf(service).responses.create({ model: 'm', input: 'x' });
    asked.catch(() => {});
    while (service.wire.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await service[Symbol.asyncDispose]();

    await expect(asked).rejects.toThrow('Connection error');
  });

  it('answers as any client does, errors included', async () => {
    const service = await start({
      async *stream() {
        yield* [];
        throw new ChatClientError('No.', { code: 'chat-client/authentication', retryable: false });
      },
    });

    await expect(sdkOf(service).responses.create({ model: 'm', input: 'x' })).rejects.toMatchObject(
      {
        status: 401,
      },
    );
  });
});
