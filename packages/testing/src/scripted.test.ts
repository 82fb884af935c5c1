import {
  type ChatResponseUpdate,
  collectChatResponse,
  type Message,
  textMessage,
} from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { chunks, toolCall, when } from './script-entry.ts';
import { scripted, type ScriptedChatClient } from './scripted.ts';

function ask(model: ScriptedChatClient, text = 'hi'): ReturnType<typeof collectChatResponse> {
  return collectChatResponse(model, [textMessage('user', text)]);
}

async function updatesOf(model: ScriptedChatClient): Promise<ChatResponseUpdate[]> {
  const updates: ChatResponseUpdate[] = [];
  for await (const update of model.stream([textMessage('user', 'hi')])) updates.push(update);
  return updates;
}

const call = (callId: string, name: string, args: object | string): unknown => ({
  type: 'function_call',
  callId,
  name,
  arguments: args,
});

describe('scripted', () => {
  it('answers in the order of the script', async () => {
    const model = scripted(['Ride on.', { score: 7 }]);

    expect((await ask(model)).text).toBe('Ride on.');
    expect((await ask(model)).text).toBe('{"score":7}');
    model.assertExhausted();
  });

  it('calls tools with ids in the order of the calls', async () => {
    const model = scripted([
      toolCall('one'),
      [
        'Wait.',
        toolCall('two', { a: 1 }),
        toolCall('three', '{', { callId: 'x' }),
        toolCall('four'),
      ],
    ]);

    const contents = [await ask(model), await ask(model)].map(({ messages, finishReason }) => [
      finishReason,
      messages.flatMap((each) => each.contents),
    ]);

    expect(contents).toEqual([
      ['tool_calls', [call('call_1', 'one', {})]],
      [
        'tool_calls',
        [
          { type: 'text', text: 'Wait.' },
          call('call_2', 'two', { a: 1 }),
          call('x', 'three', '{'),
          call('call_3', 'four', {}),
        ],
      ],
    ]);
  });

  it('streams chunks as they are, then what they cost', async () => {
    expect(await updatesOf(scripted([chunks('Ride ', 'on.')]))).toEqual([
      { contents: [{ type: 'text', text: 'Ride ' }] },
      { contents: [{ type: 'text', text: 'on.' }] },
      {
        contents: [{ type: 'usage', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }],
        finishReason: 'stop',
      },
    ]);
  });

  it('answers with a message as it is', async () => {
    const message: Message = {
      role: 'assistant',
      id: 'm1',
      contents: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'yes' },
      ],
    };

    expect((await ask(scripted([message]))).messages).toEqual([message]);
  });

  it('fails with an error of the script, at once or after a part', async () => {
    const error = new Error('down');
    const model = scripted([error, ['Ri', error], 'up again']);

    await expect(ask(model)).rejects.toBe(error);
    await expect(ask(model)).rejects.toBe(error);
    expect((await ask(model)).text).toBe('up again');
  });

  it('answers by functions of the request', async () => {
    const model = scripted([
      ({ messages }) => `${messages.length} message`,
      async () => toolCall('later'),
    ]);

    expect((await ask(model)).text).toBe('1 message');
    expect((await ask(model)).finishReason).toBe('tool_calls');
  });

  it('accepts the request that an entry is for', async () => {
    const model = scripted([when('Oslo', 'Sunny.'), when(({ tools }) => tools.length === 0, 'ok')]);

    expect((await ask(model, 'Weather in Oslo?')).text).toBe('Sunny.');
    expect((await ask(model)).text).toBe('ok');
  });

  it('refuses a request that an entry is not for', async () => {
    await expect(ask(scripted([when('Oslo', 'Sunny.')]), 'In Rome?')).rejects.toMatchObject({
      code: 'chat-client/script',
      message:
        'Request 1 is not the one that entry 1 of the script is for: expected one whose last message contains "Oslo", got one ending in "In Rome?".',
    });
    await expect(ask(scripted([when(() => false, 'x')]))).rejects.toMatchObject({
      message: expect.stringContaining('expected another'),
    });
  });

  it('says which request was one too many', async () => {
    const model = scripted(['one']);
    await ask(model);

    await expect(ask(model, 'and?')).rejects.toMatchObject({
      name: 'ChatClientError',
      code: 'chat-client/script',
      retryable: false,
      message:
        'The script has 1 entries, but request 2 came, ending in "and?". Add an entry, or find out why the model was asked again.',
    });
  });

  it('says what of the script was not used', () => {
    const left = (script: Parameters<typeof scripted>[0]) => () =>
      scripted(script).assertExhausted();

    expect(left(['a', 'b'])).toThrow('2 of 2 are left; the first is "a"');
    expect(left([new Error('down')])).toThrow('the first is the error "down"');
    expect(left([() => 'a'])).toThrow('the first is a function');
    expect(left([])).not.toThrow();
  });

  it('records requests as copies', async () => {
    const model = scripted(['ok']);
    const contents = [{ type: 'text' as const, text: 'hi' }];
    const { signal } = new AbortController();
    const tool = { name: 't', description: 'd', parameters: {}, execute: () => 1 };

    await collectChatResponse(model, [{ role: 'user', contents }], {
      instructions: 'Be brief.',
      tools: [tool],
      temperature: 0,
      sessionId: 's1',
      signal,
    });
    contents.push({ type: 'text', text: 'changed' });

    expect(model.requests).toEqual([
      {
        messages: [textMessage('user', 'hi')],
        instructions: 'Be brief.',
        tools: [{ name: 't', description: 'd', parameters: {} }],
        output: undefined,
        options: { temperature: 0 },
        sessionId: 's1',
      },
    ]);
  });

  it('heeds the signal, before, within and between replies', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const hang = (): Promise<never> => new Promise(() => {});
    const model = scripted([chunks('a', 'b'), hang]);
    const messages = [textMessage('user', 'hi')];

    const iterator = model.stream(messages, { signal });
    await iterator.next();
    const waiting = model.stream(messages, { signal }).next();
    controller.abort('enough');

    await expect(iterator.next()).rejects.toBe('enough');
    await expect(waiting).rejects.toBe('enough');
    await expect(model.stream(messages, { signal }).next()).rejects.toBe('enough');
    expect(model.requests).toHaveLength(2);
  });

  it('begins anew when it is rewound: the script, the ids of calls and the requests', async () => {
    const client = scripted([toolCall('look')]);
    const answerAndCount = async (): Promise<unknown> => {
      const updates: unknown[] = [];
      for await (const update of client.stream([textMessage('user', 'hi')])) updates.push(update);
      return [updates, client.requests.length];
    };
    const first = await answerAndCount();

    client.rewind();

    expect(await answerAndCount()).toEqual(first);
  });
});
