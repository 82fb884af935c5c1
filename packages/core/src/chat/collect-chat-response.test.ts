import { chunks, scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import { textMessage } from '../messages/message.ts';
import { type ChatClient } from './chat-client.ts';
import { collectChatResponse } from './collect-chat-response.ts';

const messages = [textMessage('user', 'Say it')];

/** A client that says one word and then does this, heeding no signal. */
function deafClient(then: () => Promise<void>): ChatClient {
  return {
    stream: async function* stream() {
      yield { contents: [{ type: 'text', text: 'half' }] };
      await then();
    },
  };
}

describe('collectChatResponse', () => {
  it('folds the stream of one request', async () => {
    const model = scripted([chunks('Ride ', 'on.')]);

    const response = await collectChatResponse(model, messages, { temperature: 0 });

    expect(response).toEqual({
      messages: [textMessage('assistant', 'Ride on.')],
      text: 'Ride on.',
      usage: { inputTokens: 2, outputTokens: 2, totalTokens: 4 },
      finishReason: 'stop',
    });
    expect(model.requests[0]?.options).toEqual({ temperature: 0 });
  });

  it('asks nobody when the signal has aborted', async () => {
    const model = scripted(['Ride on.']);

    const waiting = collectChatResponse(model, messages, { signal: AbortSignal.abort('late') });

    await expect(waiting).rejects.toBe('late');
    expect(model.requests).toEqual([]);
  });

  it('never takes an answer for whole that ended because it was aborted', async () => {
    const controller = new AbortController();
    const client = deafClient(async () => controller.abort('enough'));

    const waiting = collectChatResponse(client, messages, { signal: controller.signal });

    await expect(waiting).rejects.toBe('enough');
  });

  it('does not wait for a client that hangs after the abort', async () => {
    const controller = new AbortController();
    const client = deafClient(() => {
      queueMicrotask(() => controller.abort('enough'));
      return new Promise(() => {});
    });

    const waiting = collectChatResponse(client, messages, { signal: controller.signal });

    await expect(waiting).rejects.toBe('enough');
  });
});
