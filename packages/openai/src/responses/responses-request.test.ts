import { type ChatOptions, type Content, jsonSchemaOf, type Message } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { completed, created } from '../../test/responses-events.ts';
import { collect, sse, useFakeService } from '../../test/fake-service.ts';
import { OpenAIChatClient } from '../openai-chat-client.ts';
import { responsesRequest } from './responses-request.ts';

const service = useFakeService();
const FRAME = { model: 'gpt-test', stream: true };

function bodyOf(messages: readonly Message[], options: ChatOptions = {}) {
  return responsesRequest(messages, { model: 'gpt-test', ...options });
}

function user(...contents: readonly Content[]): Message {
  return { role: 'user', contents };
}

const text = (value: string): Content => ({ type: 'text', text: value });
const picture: Content = { type: 'data', data: 'AAAA', mediaType: 'image/png' };

describe('a Responses request', () => {
  it('goes to /responses with the whole conversation', async () => {
    const client = new OpenAIChatClient({
      model: 'gpt-test',
      apiKey: 'sk-test',
      api: 'responses',
      modelOptions: { maxOutputTokens: 50 },
    });
    service.answer(sse(created, completed()));

    await collect(client.stream([user(text('Hello'))], { instructions: 'Be brief.' }));

    expect(service.requests.map((request) => request.url)).toEqual([
      'https://api.openai.com/v1/responses',
    ]);
    expect(service.bodies).toEqual([
      {
        ...FRAME,
        instructions: 'Be brief.',
        input: [{ role: 'user', content: 'Hello' }],
        max_output_tokens: 50,
      },
    ]);
  });

  it('holds a conversation with a tool, item by item', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const sealed = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };

    const body = bodyOf(
      [
        { role: 'system', contents: [text('Be kind.')] },
        user(text('Weather?')),
        {
          role: 'assistant',
          authorName: 'guide',
          contents: [
            { type: 'reasoning', text: 'A tool.', protected: JSON.stringify(sealed) },
            text('Let me see.'),
            { type: 'function_call', callId: 'a', name: 'weather', arguments: { city: 'Oslo' } },
          ],
        },
        { role: 'tool', contents: [{ type: 'function_result', callId: 'a', result: ['sun'] }] },
        user({ type: 'function_result', callId: 'a', error: 'Twice.' }, text('And now?')),
      ],
      { tools: [{ name: 'weather', description: 'Asks', parameters }] },
    );

    expect(body).toEqual({
      ...FRAME,
      input: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Weather?' },
        sealed,
        { role: 'assistant', content: 'Let me see.' },
        { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
        { type: 'function_call_output', call_id: 'a', output: '["sun"]' },
        { type: 'function_call_output', call_id: 'a', output: 'Twice.' },
        { role: 'user', content: 'And now?' },
      ],
      tools: [
        { type: 'function', name: 'weather', description: 'Asks', parameters, strict: false },
      ],
    });
  });

  it('holds every model option that the API has', () => {
    const schema = jsonSchemaOf(z.object({ score: z.number() }));

    const body = bodyOf([], {
      temperature: 0.5,
      topP: 0.9,
      maxOutputTokens: 100,
      toolChoice: { name: 'f' },
      parallelToolCalls: true,
      reasoningEffort: 'high',
      output: { name: 'rating', schema },
      tools: [{ name: 'f', description: '', parameters: {} }],
      extra: { store: false },
    });

    expect(body).toEqual({
      ...FRAME,
      input: [],
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 100,
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: true,
      reasoning: { effort: 'high' },
      text: {
        format: {
          type: 'json_schema',
          name: 'rating',
          strict: true,
          schema: { ...schema, additionalProperties: false },
        },
      },
      tools: [{ type: 'function', name: 'f', description: '', parameters: {}, strict: false }],
      store: false,
    });
  });

  it('leaves out what has no meaning without tools', () => {
    expect(bodyOf([], { toolChoice: 'auto', parallelToolCalls: true })).toEqual({
      ...FRAME,
      input: [],
    });
    expect(bodyOf([], { toolChoice: 'required' })).toEqual({
      ...FRAME,
      input: [],
      tool_choice: 'required',
    });
  });

  it('refuses options that the API does not have, in a request and in a client', () => {
    const modelOptions = { stop: ['END'], seed: 7 };
    const refusal = expect.objectContaining({
      code: 'chat-client/invalid-request',
      message:
        'Expected options that the Responses API has, got stop and seed. ' +
        "Leave them out, or use a client with api: 'chat'.",
    });

    expect(() => bodyOf([], modelOptions)).toThrow(refusal);
    expect(
      () => new OpenAIChatClient({ model: 'm', apiKey: 'sk-test', api: 'responses', modelOptions }),
    ).toThrow(refusal);
  });

  it('drops what is never sent, and messages that hold nothing else', () => {
    const call = { type: 'function_call', callId: 'a', name: 'f', arguments: {} } as const;

    const body = bodyOf([
      user(text(''), { type: 'function_approval_response', id: '1', approved: true }),
      {
        role: 'assistant',
        contents: [
          text(''),
          { type: 'reasoning', text: 'Hmm' },
          { type: 'reasoning', text: 'Hmm', protected: 'of another provider' },
          { type: 'reasoning', text: 'Hmm', protected: '{"type":"reasoning"}' },
          { type: 'function_approval_request', id: '1', functionCall: call },
          { type: 'usage', usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } },
          { type: 'error', message: 'No.' },
        ],
      },
    ]);

    expect(body).toEqual({ ...FRAME, input: [] });
  });

  it('carries images and documents of users', () => {
    const body = bodyOf([
      user(
        text('Look: '),
        picture,
        { type: 'uri', uri: 'https://x.test/cat.gif' },
        { type: 'data', data: 'BBBB', mediaType: 'application/pdf' },
        { type: 'data', data: 'CCCC', mediaType: 'text/csv', filename: 'a.csv' },
        { type: 'data', data: 'DDDD', mediaType: 'text/plain' },
        { type: 'uri', uri: 'https://x.test/a.pdf' },
      ),
    ]);

    expect(body.input).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look: ' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
          { type: 'input_image', image_url: 'https://x.test/cat.gif', detail: 'auto' },
          {
            type: 'input_file',
            filename: 'attachment.pdf',
            file_data: 'data:application/pdf;base64,BBBB',
          },
          { type: 'input_file', filename: 'a.csv', file_data: 'data:text/csv;base64,CCCC' },
          { type: 'input_file', filename: 'attachment', file_data: 'data:text/plain;base64,DDDD' },
          { type: 'input_file', file_url: 'https://x.test/a.pdf' },
        ],
      },
    ]);
  });

  it.each<[string, Message]>([
    ['audio/wav inside', user({ type: 'data', data: 'A', mediaType: 'audio/wav' })],
    ['application/zip by URL', user({ type: 'uri', uri: 'u', mediaType: 'application/zip' })],
    ['image/png inside', { role: 'assistant', contents: [picture] }],
    ['got text "stray"', { role: 'tool', contents: [text('stray')] }],
  ])('refuses %s', (what, message) => {
    expect(() => bodyOf([message])).toThrow(
      expect.objectContaining({
        code: 'chat-client/invalid-request',
        message: expect.stringContaining(what),
      }),
    );
  });
});
