import { textMessage } from '@colloquy/core';
import { OpenAI } from 'openai';
import { describe, expect, it, vi } from 'vitest';
import { chunk } from '../test/chat-chunks.ts';
import {
  collect,
  failure,
  openSse,
  rejectionOf,
  sse,
  useFakeService,
} from '../test/fake-service.ts';
import { OpenAIChatClient } from './openai-chat-client.ts';

const service = useFakeService();
const hello = [textMessage('user', 'Hello')];
const done = () => sse(chunk({ content: 'Hi' }), chunk({}, 'stop'));

function authorizationOf(position: number): string | null | undefined {
  return service.requests[position]?.headers.get('authorization');
}

describe('the connection of an OpenAIChatClient', () => {
  it('refuses to be built without a key for OpenAI', () => {
    expect(() => new OpenAIChatClient({ model: 'gpt-test' })).toThrow(
      expect.objectContaining({
        name: 'ChatClientError',
        code: 'chat-client/missing-api-key',
        retryable: false,
        message:
          'Expected an API key for https://api.openai.com/v1, got no apiKey option and no OPENAI_API_KEY in the ' +
          'environment. Set OPENAI_API_KEY, pass { apiKey }, or pass { baseURL } of a server that needs no key.',
      }),
    );
  });

  it('says so where the key is empty, also for OpenAI by its own URL', () => {
    const options = { model: 'gpt-test', apiKey: '', baseURL: 'https://eu.api.openai.com/v1' };

    expect(() => new OpenAIChatClient(options)).toThrow(
      /for https:\/\/eu\.api\.openai\.com\/v1, got an empty apiKey option/,
    );
  });

  it('takes key and base URL from the environment', async () => {
    vi.stubEnv('OPENAI_API_KEY', ' sk-env ');
    vi.stubEnv('OPENAI_BASE_URL', 'https://models.test/v1');
    const client = new OpenAIChatClient({ model: 'gpt-test' });
    service.answer(done());

    await collect(client.stream(hello));

    expect(service.requests[0]?.url).toBe('https://models.test/v1/chat/completions');
    expect(authorizationOf(0)).toBe('Bearer sk-env');
  });

  it('prefers its options to the environment', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-env');
    vi.stubEnv('OPENAI_BASE_URL', 'https://models.test/v1');
    const client = new OpenAIChatClient({
      model: 'gpt-test',
      apiKey: () => Promise.resolve('sk-option'),
      baseURL: 'https://other.test/v1',
      headers: { 'x-team': 'blue' },
    });
    service.answer(done());

    await collect(client.stream(hello));

    expect(service.requests[0]?.url).toBe('https://other.test/v1/chat/completions');
    expect(authorizationOf(0)).toBe('Bearer sk-option');
    expect(service.requests[0]?.headers.get('x-team')).toBe('blue');
  });

  it('sends a placeholder key to a server that may need none', async () => {
    const client = new OpenAIChatClient({ model: 'llama', baseURL: 'http://localhost:11434/v1' });
    service.answer(done());

    await collect(client.stream(hello));

    expect(authorizationOf(0)).toBe('Bearer not-needed');
  });

  it('uses a client of the SDK as it is', async () => {
    const sdk = new OpenAI({ apiKey: 'sk-sdk', baseURL: 'https://sdk.test/v1', maxRetries: 0 });
    const client = new OpenAIChatClient({ model: 'gpt-test', client: sdk });
    service.answer(failure(500, { message: 'Down' }));

    expect(await rejectionOf(client.stream(hello))).toMatchObject({ code: 'chat-client/server' });
    expect(service.requests.map((request) => request.url)).toEqual([
      'https://sdk.test/v1/chat/completions',
    ]);
  });

  it('refuses a base URL that is none, and a missing model', () => {
    expect(() => new OpenAIChatClient({ model: 'gpt-test', baseURL: 'models.test' })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'openai/invalid-base-url' }),
    );
    expect(() => new OpenAIChatClient({ model: ' ', apiKey: 'sk-test' })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'openai/missing-model' }),
    );
  });
});

describe('the options of an OpenAIChatClient', () => {
  it('come under those of a request', async () => {
    const client = new OpenAIChatClient({
      model: 'gpt-test',
      apiKey: 'sk-test',
      modelOptions: { temperature: 0.1, seed: 1, extra: { user: 'a', store: false } },
    });
    service.answer(done());

    await collect(
      client.stream(hello, { model: 'gpt-other', temperature: 0.9, extra: { user: 'b' } }),
    );

    expect(service.bodies).toEqual([
      {
        model: 'gpt-other',
        messages: [{ role: 'user', content: 'Hello' }],
        temperature: 0.9,
        seed: 1,
        user: 'b',
        store: false,
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);
  });

  it('may adapt to a server', async () => {
    const client = new OpenAIChatClient({
      model: 'llama',
      baseURL: 'http://localhost:11434/v1',
      dialect: { includeUsage: false, maxTokensField: 'max_completion_tokens' },
    });
    service.answer(done());

    await collect(client.stream(hello, { maxOutputTokens: 7 }));

    expect(service.bodies).toEqual([
      {
        model: 'llama',
        messages: [{ role: 'user', content: 'Hello' }],
        max_completion_tokens: 7,
        stream: true,
      },
    ]);
  });
});

describe('the end of a stream', () => {
  it('R1: sends nothing when the signal is aborted before', async () => {
    const client = new OpenAIChatClient({ model: 'gpt-test', apiKey: 'sk-test' });
    const reason = new Error('not needed');

    const error = await rejectionOf(client.stream(hello, { signal: AbortSignal.abort(reason) }));

    expect(error).toBe(reason);
    expect(service.requests).toEqual([]);
  });

  it('R1: rejects with the reason of a signal that aborts while the request waits', async () => {
    const client = new OpenAIChatClient({ model: 'gpt-test', apiKey: 'sk-test' });
    const controller = new AbortController();
    const reason = new Error('not needed');
    service.answer(() => {
      controller.abort(reason);
      return Promise.race([]);
    });

    expect(await rejectionOf(client.stream(hello, { signal: controller.signal }))).toBe(reason);
    expect(service.requests).toHaveLength(1);
  });

  it('R1: rejects with the reason of a signal that aborts while the answer streams', async () => {
    const { client, answer } = directClient();
    const controller = new AbortController();
    const reason = new Error('enough');

    const reading = (async () => {
      for await (const _ of client.stream(hello, { signal: controller.signal })) {
        controller.abort(reason);
      }
    })();

    await expect(reading).rejects.toBe(reason);
    await answer.closed;
  });

  it('R2: closes the response when the consumer leaves', async () => {
    const { client, answer } = directClient();

    for await (const update of client.stream(hello)) {
      expect(update.contents).toEqual([{ type: 'text', text: 'Hi' }]);
      break;
    }

    await answer.closed;
  });

  it('sends nothing before it is iterated', () => {
    const client = new OpenAIChatClient({ model: 'gpt-test', apiKey: 'sk-test' });

    client.stream(hello);

    expect(service.requests).toEqual([]);
  });
});

function directClient() {
  const answer = openSse(chunk({ content: 'Hi' }));
  const fetch = () => Promise.resolve(answer.response);
  return { answer, client: new OpenAIChatClient({ model: 'gpt-test', apiKey: 'sk-test', fetch }) };
}
