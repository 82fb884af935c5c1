import { Agent, defineExecutor, defineTool, WorkflowBuilder } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { chunks, scripted, toolCall } from '@colloquy/testing';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type ResponsesAppOptions } from '../app/host-options.ts';
import { hosted } from '../../test/hosted.ts';

const agent = (name: string, ...script: Parameters<typeof scripted>[0]): Agent =>
  new Agent({ name, client: scripted(script) });

const buildChat = () =>
  groupChat({
    name: 'chat',
    participants: [
      agent('writer', chunks('Ride', ' on.'), 'Ride further.'),
      agent('critic', 'Too short.'),
    ],
    selectSpeaker: roundRobin(),
    maxRounds: 3,
  });

/** Who said what. */
const said = ({ output }: OpenAI.Responses.Response) =>
  output.map((item) =>
    item.type === 'message'
      ? [Reflect.get(item, 'author'), item.content.map((part) => Reflect.get(part, 'text')).join()]
      : [item.type],
  );

const ask = async (
  options: ResponsesAppOptions,
  body: Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming> = {},
) => {
  await using server = await hosted(options);
  return await server.client.responses.create({ input: 'go', ...body });
};

describe('what a workflow puts out', () => {
  it('is messages with their authors, and the sum of what was used', async () => {
    const response = await ask({ workflow: buildChat });

    expect(said(response)).toEqual([
      ['writer', 'Ride on.'],
      ['critic', 'Too short.'],
      ['writer', 'Ride further.'],
    ]);
    expect(response.usage).toMatchObject({ output_tokens: 6, total_tokens: expect.any(Number) });
  });

  it('is the same in a stream, piece by piece', async () => {
    await using server = await hosted({ workflow: buildChat });
    const stream = server.client.responses.stream({ model: 'chat', input: 'go' });
    const deltas: string[] = [];
    for await (const event of stream)
      if (event.type === 'response.output_text.delta') deltas.push(event.delta);

    expect(deltas).toEqual(['Ride', ' on.', 'Too short.', 'Ride further.']);
    expect(said(await stream.finalResponse())).toEqual(said(await ask({ workflow: buildChat })));
  });

  it('keeps apart what agents say at once', async () => {
    const one = agent('one', chunks('a', 'b', 'c'));
    const two = agent('two', chunks('x', 'y', 'z'));
    const start = defineExecutor('start', { sends: [String] }).on(String, (text) => text);
    const workflow = new WorkflowBuilder({ name: 'both', start })
      .addFanOut(start, [one, two])
      .build();
    await using server = await hosted({ workflow });

    const stream = server.client.responses.stream({ model: 'both', input: 'go' });
    const response = await stream.finalResponse();

    expect(said(response)).toEqual(
      expect.arrayContaining([
        ['one', 'abc'],
        ['two', 'xyz'],
      ]),
    );
  });

  it('tells nothing of the calls that agents make', async () => {
    const look = defineTool({
      name: 'look',
      description: 'Looks',
      input: z.object({}),
      execute: () => 'seen',
    });
    const looker = new Agent({
      name: 'looker',
      client: scripted([['Looking.', toolCall('look')], 'Done.']),
      tools: [look],
    });

    expect(said(await ask({ agent: looker }))).toEqual([
      ['looker', 'Looking.'],
      ['looker', 'Done.'],
    ]);
  });

  it('is text as it is, anything else as JSON, and messages with what they name', async () => {
    const yields = [
      'text',
      { answer: 42 },
      { role: 'assistant', contents: [{ type: 'uri', uri: 'https://x/y.png' }], authorName: 'ada' },
      '',
    ];
    const start = defineExecutor('start', (_: string, ctx) => {
      for (const each of yields) ctx.yield(each);
    });

    const response = await ask({ workflow: new WorkflowBuilder({ name: 'w', start }).build() });

    expect(said(response)).toEqual([
      ['start', 'text'],
      ['start', '{"answer":42}'],
      ['ada', 'https://x/y.png'],
    ]);
  });

  it('cannot forge a frame of the stream', async () => {
    const text = 'a\n\nevent: response.completed\ndata: {"type":"response.completed"}\n\n';
    const start = defineExecutor('start', (_: string, ctx) => ctx.yield(text));
    const workflow = new WorkflowBuilder({ name: 'w', start }).build();
    await using server = await hosted({ workflow });

    const stream = server.client.responses.stream({ model: 'w', input: 'go' });

    expect((await stream.finalResponse()).output_text).toBe(text);
  });
});

describe('the events of a workflow', () => {
  const metadata = { workflow_events: 'items' };
  const types = ({ output }: OpenAI.Responses.Response) =>
    output.map((item) => {
      const event: unknown = Reflect.get(item, 'event');
      return typeof event === 'object' && event !== null ? Reflect.get(event, 'kind') : item.type;
    });

  it('are items for a client that asks for them, also in a stream', async () => {
    await using server = await hosted({ workflow: buildChat });

    const stream = server.client.responses.stream({ model: 'chat', input: 'go', metadata });

    expect(types(await stream.finalResponse()).slice(0, 4)).toEqual([
      'request_sent',
      'message',
      'response_received',
      'request_sent',
    ]);
  });

  it('are told always or never where the server says so', async () => {
    const always = types(await ask({ workflow: buildChat, workflowEvents: 'always' }));
    const never = types(await ask({ workflow: buildChat, workflowEvents: 'never' }, { metadata }));

    expect(always).toContain('request_sent');
    expect(never).toEqual(['message', 'message', 'message']);
  });
});

describe('an agent', () => {
  it('remembers what was said in its conversation', async () => {
    const client = scripted(['Hello Ada.', ({ messages }) => `${messages.length}`]);
    await using server = await hosted({ agent: new Agent({ name: 'guide', client }) });
    const { responses } = server.client;

    const first = await responses.create({ input: 'I am Ada.' });
    const second = await responses.create({ input: 'Who?', previous_response_id: first.id });

    expect([first.output_text, second.output_text]).toEqual(['Hello Ada.', '3']);
  });

  it('is given images, files and what was said before', async () => {
    const client = scripted(['Seen.']);
    await ask(
      { agent: new Agent({ name: 'guide', client }) },
      {
        input: [
          { role: 'developer', content: 'Be brief.' },
          { role: 'user', content: 'Before.' },
          {
            type: 'message',
            id: 'msg_1',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: 'Answer.', annotations: [] }],
          },
          { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
          { type: 'function_call_output', call_id: 'c1', output: 'seen' },
          {
            role: 'user',
            content: [
              { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,AAAA' },
              { type: 'input_file', filename: 'a.pdf', file_url: 'https://x/a.pdf' },
              { type: 'input_text', text: 'What is it?' },
            ],
          },
        ],
      },
    );

    const [request] = client.requests;
    expect(request?.messages.map(({ role, contents }) => [role, contents])).toEqual([
      ['system', [{ type: 'text', text: 'Be brief.' }]],
      ['user', [{ type: 'text', text: 'Before.' }]],
      ['assistant', [{ type: 'text', text: 'Answer.' }]],
      ['assistant', [{ type: 'function_call', callId: 'c1', name: 'look', arguments: '{}' }]],
      ['tool', [{ type: 'function_result', callId: 'c1', result: 'seen' }]],
      [
        'user',
        [
          { type: 'data', mediaType: 'image/png', data: 'AAAA' },
          { type: 'uri', uri: 'https://x/a.pdf' },
          { type: 'text', text: 'What is it?' },
        ],
      ],
    ]);
  });
});
