import { type ChatClientErrorCode, textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import { chunk } from '../../test/chat-chunks.ts';
import { collect, failure, rejectionOf, sse, useFakeService } from '../../test/fake-service.ts';
import { OpenAIChatClient } from '../openai-chat-client.ts';

const service = useFakeService();
const hello = [textMessage('user', 'Hello')];
const RETRY_AT_ONCE = { 'retry-after-ms': '1' };

function createClient(maxRetries: number, timeoutMs?: number) {
  const timing = timeoutMs === undefined ? {} : { timeoutMs };
  return new OpenAIChatClient({ model: 'gpt-test', apiKey: 'sk-test', maxRetries, ...timing });
}

describe('a request that fails', () => {
  it.each<[number, string, ChatClientErrorCode, boolean]>([
    [400, 'invalid_request_error', 'chat-client/invalid-request', false],
    [401, 'invalid_api_key', 'chat-client/authentication', false],
    [403, 'model_not_allowed', 'chat-client/authentication', false],
    [404, 'model_not_found', 'chat-client/invalid-request', false],
    [413, 'too_large', 'chat-client/invalid-request', false],
    [422, 'unprocessable', 'chat-client/invalid-request', false],
    [408, 'timeout', 'chat-client/timeout', true],
    [409, 'conflict', 'chat-client/server', true],
    [429, 'rate_limit_exceeded', 'chat-client/rate-limit', true],
    [429, 'insufficient_quota', 'chat-client/rate-limit', false],
    [400, 'content_filter', 'chat-client/content-filter', false],
    [500, 'server_error', 'chat-client/server', true],
    [503, 'overloaded', 'chat-client/server', true],
  ])('with %d %s is %s', async (status, code, expected, retryable) => {
    service.answer(failure(status, { message: 'No.', code, type: null }));

    expect(await rejectionOf(createClient(0).stream(hello))).toMatchObject({
      name: 'ChatClientError',
      code: expected,
      retryable,
      status,
      requestId: 'req_1',
      retryAfterMs: undefined,
      cause: { status, code },
    });
  });

  it('says what failed, where, and what to do', async () => {
    service.answer(failure(401, { message: 'Incorrect API key provided' }));

    const error = await rejectionOf(createClient(0).stream(hello));

    expect(error).toHaveProperty(
      'message',
      'The call of "gpt-test" at https://api.openai.com/v1 failed: 401 Incorrect API key provided. ' +
        'Check the apiKey option or OPENAI_API_KEY, and that the key may use this model.',
    );
  });

  it('is retryable as the service says, where it says', async () => {
    service.answer(
      failure(500, { message: 'No' }, { 'x-should-retry': 'false' }),
      failure(400, { message: 'No' }, { 'x-should-retry': 'true' }),
    );

    const errors = [
      await rejectionOf(createClient(0).stream(hello)),
      await rejectionOf(createClient(0).stream(hello)),
    ];

    expect(errors).toMatchObject([{ retryable: false }, { retryable: true }]);
  });

  it.each([
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
  ])('tells how long to wait: %j', async (headers, retryAfterMs) => {
    service.answer(failure(429, { message: 'Slow down' }, headers));

    const error = await rejectionOf(createClient(0).stream(hello));

    expect(error).toMatchObject({ code: 'chat-client/rate-limit', retryAfterMs });
  });

  it('is sent again as the service asks, and then succeeds', async () => {
    service.answer(
      failure(429, { message: 'Slow down' }, RETRY_AT_ONCE),
      sse(chunk({ content: 'Hi' }, 'stop')),
    );

    const updates = await collect(createClient(2).stream(hello));

    expect(updates.flatMap((update) => update.contents)).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(service.requests).toHaveLength(2);
  });

  it('is sent again until the retries are used up', async () => {
    const down = () => failure(502, { message: 'Bad gateway' }, RETRY_AT_ONCE);
    service.answer(down, down, down);

    expect(await rejectionOf(createClient(2).stream(hello))).toMatchObject({
      code: 'chat-client/server',
      status: 502,
      retryable: true,
    });
    expect(service.requests).toHaveLength(3);
  });

  it('times out', async () => {
    service.answer(() => Promise.race([]));

    expect(await rejectionOf(createClient(0, 5).stream(hello))).toMatchObject({
      code: 'chat-client/timeout',
      retryable: true,
      status: undefined,
      message: expect.stringContaining('Raise timeoutMs'),
    });
  });

  it('cannot connect', async () => {
    service.answer(Response.error());

    expect(await rejectionOf(createClient(0).stream(hello))).toMatchObject({
      code: 'chat-client/connection',
      retryable: true,
      message: expect.stringContaining('Check the network and the baseURL option'),
    });
  });

  it('has no credentials when the key function fails', async () => {
    const apiKey = () => Promise.reject(new Error('vault is sealed'));
    const client = new OpenAIChatClient({ model: 'gpt-test', apiKey, maxRetries: 0 });

    expect(await rejectionOf(client.stream(hello))).toMatchObject({
      code: 'chat-client/authentication',
      retryable: false,
    });
  });

  it('cannot be written as JSON', async () => {
    const extra = { metadata: { size: 1n } };

    expect(await rejectionOf(createClient(0).stream(hello, { extra }))).toMatchObject({
      code: 'chat-client/invalid-request',
      retryable: false,
      cause: expect.any(TypeError),
    });
  });
});

describe('an answer that reports a failure', () => {
  it.each<[unknown, ChatClientErrorCode, boolean]>([
    [{ message: 'No', type: 'server_error' }, 'chat-client/server', true],
    [{ message: 'No', code: 'rate_limit_exceeded' }, 'chat-client/rate-limit', true],
    [{ message: 'No', code: 'context_length_exceeded' }, 'chat-client/invalid-request', false],
    [{ message: 'No', type: 'authentication_error' }, 'chat-client/authentication', false],
    [{ message: 'No', code: 'content_filter' }, 'chat-client/content-filter', false],
    [{ message: 'No', code: 429 }, 'chat-client/rate-limit', true],
    [{ message: 'No', code: 502 }, 'chat-client/server', true],
    [{ message: 'No', code: 7 }, 'chat-client/server', true],
    ['model is overloaded', 'chat-client/server', true],
  ])('%j is %s', async (error, code, retryable) => {
    service.answer(sse(chunk({ content: 'Hi' }), { error }));

    expect(await rejectionOf(createClient(2).stream(hello))).toMatchObject({
      code,
      retryable,
      requestId: 'req_1',
    });
    expect(service.requests).toHaveLength(1);
  });
});
