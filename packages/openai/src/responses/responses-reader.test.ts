import { textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import { cutSse, collect, rejectionOf, sse, useFakeService } from '../../test/fake-service.ts';
import {
  added,
  callItem,
  completed,
  created,
  delta,
  finished,
  FROM_RESPONSE,
  incomplete,
  messageItem,
} from '../../test/responses-events.ts';
import { OpenAIChatClient } from '../openai-chat-client.ts';

const service = useFakeService();
const client = new OpenAIChatClient({
  model: 'gpt-test',
  apiKey: 'sk-test',
  api: 'responses',
  maxRetries: 0,
});
const hello = [textMessage('user', 'Hello')];

function updatesOf(...events: readonly unknown[]) {
  service.answer(sse(...events));
  return collect(client.stream(hello));
}

async function contentsOf(...events: readonly unknown[]) {
  const updates = await updatesOf(...events);
  return updates.flatMap((update) => update.contents);
}

describe('an answer of the Responses API', () => {
  it('streams text, then usage and the finish reason', async () => {
    const updates = await updatesOf(
      created,
      { type: 'response.in_progress', response: { id: 'resp_1' } },
      added(0, messageItem('msg_1')),
      delta(0, 'output_text', 'Hel'),
      delta(0, 'output_text', 'lo'),
      { type: 'response.output_text.done', output_index: 0, text: 'Hello' },
      finished(0, messageItem('msg_1', { type: 'output_text', text: 'Hello' })),
      completed({
        output: [messageItem('msg_1', { type: 'output_text', text: 'Hello' })],
        usage: {
          input_tokens: 10,
          output_tokens: 5,
          total_tokens: 15,
          input_tokens_details: { cached_tokens: 4 },
          output_tokens_details: { reasoning_tokens: 2 },
        },
      }),
    );

    const usage = {
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      cachedInputTokens: 4,
      reasoningTokens: 2,
    };
    expect(updates).toEqual([
      { ...FROM_RESPONSE, contents: [{ type: 'text', text: 'Hel' }] },
      { ...FROM_RESPONSE, contents: [{ type: 'text', text: 'lo' }] },
      { ...FROM_RESPONSE, contents: [{ type: 'usage', usage }], finishReason: 'stop' },
    ]);
  });

  it('streams two parallel tool calls', async () => {
    const updates = await updatesOf(
      created,
      added(0, callItem('a', 'add', '')),
      delta(0, 'function_call_arguments', '{"x":'),
      added(1, callItem('b', 'sub', '')),
      delta(1, 'function_call_arguments', '{}'),
      delta(0, 'function_call_arguments', '1}'),
      finished(0, callItem('a', 'add', '{"x":1}')),
      finished(1, callItem('b', 'sub', '{}')),
      completed({ usage: { input_tokens: 1, output_tokens: 2 } }),
    );

    const call = (callId: string, name: string, args: string) => ({
      ...FROM_RESPONSE,
      contents: [{ type: 'function_call', callId, name, arguments: args }],
    });
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
    expect(updates).toEqual([
      call('a', 'add', ''),
      call('a', 'add', '{"x":'),
      call('b', 'sub', ''),
      call('b', 'sub', '{}'),
      call('a', 'add', '1}'),
      { ...FROM_RESPONSE, contents: [{ type: 'usage', usage }], finishReason: 'tool_calls' },
    ]);
  });

  it('streams reasoning, part by part, and seals what is encrypted', async () => {
    const item = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'First.' },
        { type: 'summary_text', text: 'Then.' },
      ],
      encrypted_content: 'gAAA',
    };

    const contents = await contentsOf(
      created,
      added(0, { type: 'reasoning', id: 'rs_1', summary: [] }),
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 0 },
      delta(0, 'reasoning_summary_text', 'First.'),
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 1 },
      delta(0, 'reasoning_summary_text', 'Then.'),
      finished(0, item),
      completed(),
    );

    expect(contents).toEqual([
      { type: 'reasoning', text: 'First.' },
      { type: 'reasoning', text: '\n\n' },
      { type: 'reasoning', text: 'Then.' },
      { type: 'reasoning', text: '', protected: JSON.stringify(item) },
    ]);
  });

  it('streams the text of open reasoning', async () => {
    expect(await contentsOf(created, delta(0, 'reasoning_text', 'Hmm'), completed())).toEqual([
      { type: 'reasoning', text: 'Hmm' },
    ]);
  });

  it('ends a refusal with an error content and content_filter', async () => {
    const updates = await updatesOf(
      created,
      added(0, messageItem('msg_1')),
      delta(0, 'refusal', 'I cannot '),
      delta(0, 'refusal', 'do that.'),
      finished(0, messageItem('msg_1', { type: 'refusal', refusal: 'I cannot do that.' })),
      completed(),
    );

    expect(updates).toEqual([
      {
        ...FROM_RESPONSE,
        contents: [{ type: 'error', code: 'refusal', message: 'I cannot do that.' }],
        finishReason: 'content_filter',
      },
    ]);
  });

  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
  ])('that is incomplete for %s ends with %s', async (reason, finishReason) => {
    expect(await updatesOf(created, incomplete(reason))).toEqual([
      { ...FROM_RESPONSE, contents: [], finishReason },
    ]);
  });

  it('R1: makes a message of its own of a second message item', async () => {
    const updates = await updatesOf(
      created,
      added(0, messageItem('msg_1')),
      delta(0, 'output_text', 'Let me see.'),
      added(1, messageItem('msg_2')),
      delta(1, 'output_text', 'It is 4.'),
      completed(),
    );

    expect(updates.map((update) => update.messageId)).toEqual(['resp_1', 'msg_2', 'msg_2']);
  });

  it('R3: adds nothing for events it does not know', async () => {
    expect(
      await updatesOf(created, { type: 'keepalive' }, { type: 'response.new.delta' }, completed()),
    ).toEqual([{ ...FROM_RESPONSE, contents: [], finishReason: 'stop' }]);
  });

  it.each([
    ['when they are done', [finished(0, messageItem('m', { text: 'Hi' })), completed()]],
    ['with the response', [completed({ output: [messageItem('m', { text: 'Hi' })] })]],
  ])('tells items that come whole %s', async (_, events) => {
    expect(await contentsOf(created, ...events)).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('tells a call, a refusal and a summary that come whole', async () => {
    const summary = [{ type: 'summary_text', text: 'Hmm' }];

    const contents = await contentsOf(
      created,
      finished(0, { type: 'reasoning', id: 'rs_1', summary }),
      finished(1, { type: 'function_call', name: 'f', arguments: '{}' }),
      finished(2, messageItem('m', { type: 'refusal', refusal: 'No.' })),
      finished(3, { type: 'web_search_call', id: 'ws_1' }),
      completed(),
    );

    expect(contents).toEqual([
      { type: 'reasoning', text: 'Hmm' },
      {
        type: 'function_call',
        callId: expect.stringMatching(/^call_/),
        name: 'f',
        arguments: '{}',
      },
      { type: 'error', code: 'refusal', message: 'No.' },
    ]);
  });
});

describe('a broken answer of the Responses API', () => {
  it('R2: is interrupted when it ends before the response is complete', async () => {
    service.answer(cutSse(created, delta(0, 'output_text', 'Hel')));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/interrupted',
      retryable: true,
      requestId: 'req_1',
    });
  });

  it('is invalid when an event is not an object', async () => {
    service.answer(sse(created, 7));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/invalid-response',
      message: expect.stringContaining('got 7'),
    });
  });

  it.each([
    ['server_error', 'chat-client/server', true],
    ['rate_limit_exceeded', 'chat-client/rate-limit', true],
    ['invalid_image_url', 'chat-client/invalid-request', false],
    ['image_content_policy_violation', 'chat-client/content-filter', false],
  ])('that failed with %s is %s', async (label, code, retryable) => {
    const error = { code: label, message: 'It broke' };
    service.answer(sse(created, { type: 'response.failed', response: { id: 'r', error } }));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code,
      retryable,
      requestId: 'req_1',
      message: expect.stringContaining('failed: It broke.'),
    });
  });

  it('that reports an error is that error', async () => {
    service.answer(sse(created, { type: 'error', code: 'rate_limit_exceeded', message: 'Slow' }));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/rate-limit',
    });
  });

  it('that failed without a reason is the server’s', async () => {
    service.answer(sse(created, { type: 'response.failed', response: {} }));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/server',
      message: expect.stringContaining('the service gave no reason'),
    });
  });
});
