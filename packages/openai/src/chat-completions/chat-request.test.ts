import { type ChatOptions, type Content, jsonSchemaOf, type Message } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ChatDialect, chatRequest } from './chat-request.ts';

const OPENAI: ChatDialect = {
  maxTokensField: 'max_completion_tokens',
  includeUsage: true,
  outputFormat: 'json_schema',
};
const FRAME = { model: 'gpt-test', stream: true, stream_options: { include_usage: true } };

function bodyOf(messages: readonly Message[], options: ChatOptions = {}, dialect = OPENAI) {
  return chatRequest(messages, { model: 'gpt-test', ...options }, dialect);
}

function messagesOf(...messages: readonly Message[]) {
  return bodyOf(messages).messages;
}

function user(...contents: readonly Content[]): Message {
  return { role: 'user', contents };
}

function assistant(...contents: readonly Content[]): Message {
  return { role: 'assistant', contents };
}

const text = (value: string): Content => ({ type: 'text', text: value });
const picture: Content = { type: 'data', data: 'AAAA', mediaType: 'image/png' };

describe('the body of a Chat Completions request', () => {
  it('holds a conversation with a tool', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };

    const body = bodyOf(
      [
        user(text('Weather in '), text('Oslo?')),
        {
          role: 'assistant',
          authorName: 'Weather Girl <3',
          contents: [
            { type: 'reasoning', text: 'A tool.' },
            text('Let me see.'),
            { type: 'function_call', callId: 'a', name: 'weather', arguments: { city: 'Oslo' } },
            { type: 'function_call', callId: 'b', name: 'weather', arguments: '{"city": oops' },
            { type: 'function_call', callId: 'c', name: 'weather', arguments: '' },
          ],
        },
        {
          role: 'tool',
          contents: [
            { type: 'function_result', callId: 'a', result: 'sunny' },
            { type: 'function_result', callId: 'b', error: 'Not JSON.' },
            { type: 'function_result', callId: 'c', result: { sky: 'grey' } },
          ],
        },
      ],
      { instructions: 'Be brief.', tools: [{ name: 'weather', description: 'Asks', parameters }] },
    );

    const call = (id: string, args: string) => ({
      type: 'function',
      id,
      function: { name: 'weather', arguments: args },
    });
    expect(body).toEqual({
      ...FRAME,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Weather in Oslo?' },
        {
          role: 'assistant',
          name: 'Weather_Girl_3',
          content: 'Let me see.',
          tool_calls: [call('a', '{"city":"Oslo"}'), call('b', '{"city": oops'), call('c', '{}')],
        },
        { role: 'tool', tool_call_id: 'a', content: 'sunny' },
        { role: 'tool', tool_call_id: 'b', content: 'Not JSON.' },
        { role: 'tool', tool_call_id: 'c', content: '{"sky":"grey"}' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', description: 'Asks', parameters } }],
    });
  });

  it('holds every model option', () => {
    const tool = { name: 'f', description: '', parameters: {} };

    const body = bodyOf([], {
      temperature: 0.5,
      topP: 0.9,
      maxOutputTokens: 100,
      stop: ['END'],
      seed: 7,
      toolChoice: { name: 'f' },
      parallelToolCalls: false,
      reasoningEffort: 'low',
      extra: { service_tier: 'flex' },
      tools: [tool],
    });

    expect(body).toEqual({
      ...FRAME,
      messages: [],
      temperature: 0.5,
      top_p: 0.9,
      max_completion_tokens: 100,
      stop: ['END'],
      seed: 7,
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      reasoning_effort: 'low',
      service_tier: 'flex',
      tools: [{ type: 'function', function: tool }],
    });
  });

  it('leaves out what has no meaning without tools', () => {
    const moot = bodyOf([], { toolChoice: 'none', parallelToolCalls: true });
    const wrong = bodyOf([], { toolChoice: 'required' });

    expect(moot).toEqual({ ...FRAME, messages: [] });
    expect(wrong).toEqual({ ...FRAME, messages: [], tool_choice: 'required' });
  });

  it('lets extra fields come last, but always streams', () => {
    const body = bodyOf([], { temperature: 1, extra: { temperature: 0, stream: false } });

    expect(body).toEqual({ ...FRAME, messages: [], temperature: 0 });
  });

  it('asks for structured output by a strict schema', () => {
    const schema = jsonSchemaOf(z.object({ score: z.number(), note: z.string().nullish() }));

    const body = bodyOf([], { output: { name: 'rating', schema } });

    expect(body.response_format).toEqual({
      type: 'json_schema',
      json_schema: {
        name: 'rating',
        strict: true,
        schema: {
          type: 'object',
          properties: { score: { type: 'number' }, note: { type: ['string', 'null'] } },
          required: ['score', 'note'],
          additionalProperties: false,
        },
      },
    });
  });

  it('asks for structured output by prompt where the server knows no schemas', () => {
    const schema = { type: 'object', properties: {} };

    const body = bodyOf(
      [user(text('Go'))],
      { instructions: 'Rate.', output: { name: 'rating', schema } },
      { maxTokensField: 'max_tokens', includeUsage: false, outputFormat: 'json_object' },
    );

    expect(body).toEqual({
      model: 'gpt-test',
      stream: true,
      messages: [
        { role: 'system', content: 'Rate.' },
        {
          role: 'system',
          content:
            'Answer with one JSON object that fits this JSON Schema: {"type":"object","properties":{}}',
        },
        { role: 'user', content: 'Go' },
      ],
      response_format: { type: 'json_object' },
    });
  });
});

describe('the messages of a Chat Completions request', () => {
  it('drop what is never sent, and messages that hold nothing else', () => {
    const call = { type: 'function_call', callId: 'a', name: 'f', arguments: {} } as const;

    const messages = messagesOf(
      { role: 'system', contents: [text('')] },
      user(text(''), { type: 'function_approval_response', id: '1', approved: true }),
      assistant(
        { type: 'reasoning', text: 'Hmm', protected: 'x' },
        { type: 'function_approval_request', id: '1', functionCall: call },
        { type: 'usage', usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } },
        { type: 'error', message: 'No.' },
      ),
      { role: 'tool', contents: [] },
      assistant(call),
    );

    expect(messages).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ type: 'function', id: 'a', function: { name: 'f', arguments: '{}' } }],
      },
    ]);
  });

  it.each([
    ['Ada Lovelace', 'Ada_Lovelace'],
    ['a<b>|c\\d/e', 'a_b_c_d_e'],
    ['x'.repeat(70), 'x'.repeat(64)],
    ['Мария-2', 'Мария-2'],
    [' ?! ', undefined],
    ['', undefined],
  ])('name the author %j as %j', (authorName, name) => {
    const contents = [text('Hi')];

    const messages = messagesOf(
      { role: 'system', authorName, contents },
      { role: 'user', authorName, contents },
      { role: 'assistant', authorName, contents },
    );

    expect(messages).toEqual([
      { role: 'system', name, content: 'Hi' },
      { role: 'user', name, content: 'Hi' },
      { role: 'assistant', name, content: 'Hi' },
    ]);
  });

  it('put results before the text of a user, and after the calls of an assistant', () => {
    const result = { type: 'function_result', callId: 'a', result: 1 } as const;

    const messages = messagesOf(
      assistant({ type: 'function_call', callId: 'a', name: 'f', arguments: {} }, result),
      user(text('Next'), result),
    );

    expect(messages.map((message) => message.role)).toEqual(['assistant', 'tool', 'tool', 'user']);
  });

  it('carry images, files and audio of users', () => {
    const messages = messagesOf(
      user(
        text('Look: '),
        picture,
        { type: 'uri', uri: 'https://x.test/cat.JPG?size=1' },
        { type: 'uri', uri: 'https://x.test/cat', mediaType: 'image/webp' },
        { type: 'data', data: 'BBBB', mediaType: 'application/pdf', filename: 'a.pdf' },
        { type: 'uri', uri: 'data:application/pdf;base64,CCCC' },
        { type: 'data', data: 'DDDD', mediaType: 'audio/mpeg' },
        { type: 'data', data: 'EEEE', mediaType: 'audio/wav; rate=8000' },
      ),
    );

    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look: ' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://x.test/cat.JPG?size=1' } },
          { type: 'image_url', image_url: { url: 'https://x.test/cat' } },
          {
            type: 'file',
            file: { file_data: 'data:application/pdf;base64,BBBB', filename: 'a.pdf' },
          },
          {
            type: 'file',
            file: { file_data: 'data:application/pdf;base64,CCCC', filename: 'attachment.pdf' },
          },
          { type: 'input_audio', input_audio: { data: 'DDDD', format: 'mp3' } },
          { type: 'input_audio', input_audio: { data: 'EEEE', format: 'wav' } },
        ],
      },
    ]);
  });

  it.each<[string, Message]>([
    ['video/mp4 inside', user({ type: 'data', data: 'A', mediaType: 'video/mp4' })],
    ['audio/ogg inside', user({ type: 'data', data: 'A', mediaType: 'audio/ogg' })],
    ['application/pdf by URL', user({ type: 'uri', uri: 'https://x.test/a.pdf' })],
    ['image/png inside', assistant(picture)],
    ['image/png inside', { role: 'system', contents: [picture] }],
    ['image/png inside', { role: 'tool', contents: [picture] }],
    ['a uri content whose media type is known', user({ type: 'uri', uri: 'https://x.test/a' })],
    ['got text "stray"', { role: 'tool', contents: [text('stray')] }],
  ])('refuse %s', (what, message) => {
    expect(() => messagesOf(message)).toThrow(
      expect.objectContaining({
        name: 'ChatClientError',
        code: 'chat-client/invalid-request',
        retryable: false,
        message: expect.stringContaining(what),
      }),
    );
  });
});
