import { Agent, defineTool } from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildPublisher } from '../../test/workflows.ts';

type Response = OpenAI.Responses.Response;

const callIn = ({ output }: Response) => {
  const call = output.find((item) => item.type === 'function_call');
  if (call === undefined) throw new Error('Expected a call.');
  return call;
};

const answerTo = (callId: string, answer: unknown) => ({
  type: 'function_call_output' as const,
  call_id: callId,
  output: JSON.stringify(answer),
});

describe('a request for a human', () => {
  it('is a function call of a completed response, with what is asked and how to answer', async () => {
    await using server = await hosted({ workflow: buildPublisher() });

    const paused = await server.client.responses.create({ input: 'draft' });

    const call = callIn(paused);
    expect(paused.status).toBe('completed');
    expect(call).toMatchObject({ name: 'approval', status: 'completed' });
    expect(JSON.parse(call.arguments)).toMatchObject({
      request_id: call.call_id,
      executor_id: 'editor',
      data: { draft: 'draft' },
      response_schema: { type: 'object', required: ['approve'] },
    });
  });

  it('is answered by an output, as often as there are branches', async () => {
    await using server = await hosted({ workflow: buildPublisher() });
    const { responses } = server.client;
    const paused = await responses.create({ input: 'draft' });
    const answer = async (approve: boolean) =>
      responses.create({
        previous_response_id: paused.id,
        input: [answerTo(callIn(paused).call_id, { approve, note: 'no' })],
      });

    const texts = [await answer(true), await answer(false)].map((each) => each.output_text);

    expect(texts).toEqual(['published draft', 'rejected: no']);
  });

  it('is answered once in a conversation', async () => {
    await using server = await hosted({ workflow: buildPublisher() });
    const { responses } = server.client;
    const paused = await responses.create({ input: 'draft', conversation: 'c' });
    const answer = async () =>
      responses.create({
        conversation: 'c',
        input: [answerTo(callIn(paused).call_id, { approve: true })],
      });

    expect((await answer()).output_text).toBe('published draft');
    expect(await refusalOf(answer())).toMatchObject({ status: 400, code: 'no_pending_requests' });
  });

  it('refuses what is no answer, and lists what is pending', async () => {
    await using server = await hosted({ workflow: buildPublisher() });
    const { responses } = server.client;
    const paused = await responses.create({ input: 'draft' });
    const callId = callIn(paused).call_id;
    const send = async (input: OpenAI.Responses.ResponseInput | string) =>
      refusalOf(responses.create({ previous_response_id: paused.id, input }));
    const yes = answerTo(callId, { approve: true });

    expect(await send('go on')).toMatchObject({ status: 400, code: 'pending_requests' });
    expect((await send('go on')).message).toContain(callId);
    expect(await send([answerTo('other', {})])).toMatchObject({
      status: 400,
      code: 'unknown_request',
      param: 'input[0]',
    });
    expect(await send([yes, yes])).toMatchObject({ code: 'duplicate_answer', param: 'input[1]' });
    expect(await send([yes, { role: 'user', content: 'and' }])).toMatchObject({
      code: 'mixed_input',
    });
    expect(await send([answerTo(callId, { approve: 'maybe' })])).toMatchObject({
      status: 400,
      code: 'invalid_answer',
    });
    expect(await refusalOf(responses.create({ input: [yes] }))).toMatchObject({
      code: 'no_pending_requests',
    });
  });

  it('leaves it answerable when an answer is refused', async () => {
    await using server = await hosted({ workflow: buildPublisher() });
    const { responses } = server.client;
    const paused = await responses.create({ input: 'draft', conversation: 'c' });
    const callId = callIn(paused).call_id;
    const send = (answer: unknown) =>
      responses.create({ conversation: 'c', input: [answerTo(callId, answer)] });

    await refusalOf(send({ approve: 'maybe' }));

    expect((await send({ approve: true })).output_text).toBe('published draft');
  });

  it('is told and answered in a stream', async () => {
    await using server = await hosted({ workflow: buildPublisher() });
    const { responses } = server.client;
    const paused = await responses.stream({ model: 'publisher', input: 'draft' }).finalResponse();
    const done = await responses
      .stream({
        model: 'publisher',
        previous_response_id: paused.id,
        input: [answerTo(callIn(paused).call_id, { approve: true })],
      })
      .finalResponse();

    expect(done.output_text).toBe('published draft');
  });
});

describe('an approval of a tool call', () => {
  const build = () => {
    const refund = defineTool({
      name: 'refund',
      description: 'Pays back',
      input: z.object({ amount: z.number() }),
      needsApproval: true,
      execute: ({ amount }) => `paid ${amount}`,
    });
    const client = scripted([
      toolCall('refund', { amount: 7 }),
      ({ messages }) => JSON.stringify(messages.at(-1)),
    ]);
    return new Agent({ name: 'cashier', client, tools: [refund] });
  };
  const request = async (client: OpenAI) => {
    const paused = await client.responses.create({ input: 'refund me' });
    const item = paused.output.find(({ type }) => type === 'mcp_approval_request');
    return { paused, item };
  };
  const answer = (id: string, approve: boolean) => [
    {
      type: 'mcp_approval_response' as const,
      approval_request_id: id,
      approve,
      ...(approve ? {} : { reason: 'too much' }),
    },
  ];

  it('is an approval request, and approved by its id', async () => {
    await using server = await hosted({ agent: build() });
    const { paused, item } = await request(server.client);

    const done = await server.client.responses.create({
      previous_response_id: paused.id,
      input: answer(item?.id ?? '', true),
    });

    expect(item).toMatchObject({
      type: 'mcp_approval_request',
      server_label: 'cashier',
      name: 'refund',
      arguments: '{"amount":7}',
    });
    expect(done.output_text).toContain('paid 7');
  });

  it('is declined with a reason', async () => {
    await using server = await hosted({ agent: build() });
    const { paused, item } = await request(server.client);

    const done = await server.client.responses.create({
      previous_response_id: paused.id,
      input: answer(item?.id ?? '', false),
    });

    expect(done.output_text).toContain('too much');
    expect(done.output_text).not.toContain('paid');
  });

  it('is refused under an id that was made up', async () => {
    await using server = await hosted({ agent: build() });
    const { paused } = await request(server.client);
    const forged = answer('mcpr_req_1_1', true);

    expect(
      await refusalOf(
        server.client.responses.create({ previous_response_id: paused.id, input: forged }),
      ),
    ).toMatchObject({ status: 400, code: 'unknown_request' });
  });
});
