import {
  Agent,
  defineExecutor,
  defineTool,
  MemoryCheckpointStore,
  subWorkflow,
  WorkflowBuilder,
} from '@colloquy/core';
import { groupChat, handoff, magentic, roundRobin } from '@colloquy/orchestrations';
import { scripted, toolCall } from '@colloquy/testing';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { hosted } from './hosted.ts';
import { refusalOf } from './refusal.ts';
import { buildCounter, buildPublisher } from './workflows.ts';

const callsIn = ({ output }: OpenAI.Responses.Response) =>
  output.flatMap((item) => (item.type === 'function_call' ? [item] : []));

const answerTo = (id: string, answer: unknown) => ({
  type: 'function_call_output' as const,
  call_id: id,
  output: JSON.stringify(answer),
});

const ledger = (isDone: boolean) => ({
  is_request_satisfied: { reason: 'r', answer: isDone },
  is_in_loop: { reason: 'r', answer: false },
  is_progress_being_made: { reason: 'r', answer: true },
  next_speaker: { reason: 'r', answer: 'worker' },
  instruction_or_question: { reason: 'r', answer: 'Work.' },
});

describe('over HTTP', () => {
  it("a Magentic team's plan is reviewed, revised and approved", async () => {
    const workflow = () =>
      magentic({
        name: 'research',
        participants: [new Agent({ name: 'worker', client: scripted(['Worked.']) })],
        manager: new Agent({
          name: 'planner',
          client: scripted([
            'facts',
            'plan A',
            'facts',
            'plan B',
            ledger(false),
            ledger(true),
            'All done.',
          ]),
        }),
        planReview: 'initial',
      });
    await using server = await hosted({ workflow });
    const { responses } = server.client;
    const answer = async (paused: OpenAI.Responses.Response, decision: unknown) =>
      responses.create({
        previous_response_id: paused.id,
        input: callsIn(paused).map(({ call_id: id }) => answerTo(id, decision)),
      });

    const planned = await responses.create({ input: 'Research.' });
    const revised = await answer(planned, { action: 'revise', feedback: 'Shorter.' });
    const done = await answer(revised, { action: 'approve' });

    expect(callsIn(planned).map(({ name }) => name)).toEqual(['plan_review']);
    expect(callsIn(revised)[0]?.arguments).toContain('plan B');
    expect(done.output_text).toContain('All done.');
  });

  it('a Magentic team takes task after task of a conversation', async () => {
    const worker = new Agent({ name: 'worker', client: scripted(['Worked.', 'Worked again.']) });
    const task = (n: number) => ['facts', 'plan', ledger(false), ledger(true), `Done ${n}.`];
    const manager = new Agent({ name: 'planner', client: scripted([...task(1), ...task(2)]) });
    const workflow = () =>
      magentic({ name: 'm', participants: [worker], manager, afterCompletion: 'newTask' });
    await using server = await hosted({ workflow });
    const { responses } = server.client;

    const first = await responses.create({ input: 'One.', conversation: 'c' });
    const second = await responses.create({ input: 'Two.', conversation: 'c' });

    expect([first, second].map(({ output_text: text }) => text)).toEqual(['Done 1.', 'Done 2.']);
  });

  it('a handoff asks its user for the next turn', async () => {
    const triage = new Agent({ name: 'triage', client: scripted(['What is it?', 'I see.']) });
    await using server = await hosted({
      workflow: () => handoff({ name: 'support', participants: [triage], start: triage }),
    });
    const { responses } = server.client;

    const first = await responses.create({ input: 'Help!', conversation: 'c' });
    const [call] = callsIn(first);
    const second = await responses.create({
      conversation: 'c',
      input: [answerTo(call?.call_id ?? '', { text: 'My bicycle.' })],
    });

    expect([first.output_text, call?.name]).toEqual(['What is it?', 'user_turn']);
    expect(second.output_text).toBe('I see.');
  });

  it('a draft is no message before its human has said what becomes of it', async () => {
    const team = () =>
      groupChat({
        name: 'team',
        participants: [new Agent({ name: 'writer', client: scripted(['Tea!', 'Tea, then.']) })],
        selectSpeaker: roundRobin(),
        maxRounds: 1,
        humanGate: { when: 'after' },
      });
    await using server = await hosted({ workflow: team });
    const { responses } = server.client;
    const answer = (paused: OpenAI.Responses.Response, decision: unknown) => ({
      previous_response_id: paused.id,
      input: callsIn(paused).map(({ call_id: id }) => answerTo(id, decision)),
    });

    const first = await responses.create({ input: 'A slogan.' });
    const second = await responses.create(answer(first, { action: 'feedback', text: 'Calmer.' }));
    const approved = await responses.create(answer(second, { action: 'approve' }));
    const replaced = await responses.create(answer(second, { action: 'replace', text: 'Hot.' }));

    expect(callsIn(first)[0]?.arguments).toContain('Tea!');
    expect([first, second, approved, replaced].map(({ output_text: text }) => text)).toEqual([
      '',
      '',
      'Tea, then.',
      'Hot.',
    ]);
  });

  it('a question of a sub-workflow is answered', async () => {
    const inner = subWorkflow(buildPublisher(), { id: 'inner', outputs: 'yield' });
    const workflow = new WorkflowBuilder({ name: 'outer', start: inner }).build();
    await using server = await hosted({ workflow });
    const { responses } = server.client;

    const paused = await responses.create({ input: 'draft' });
    const done = await responses.create({
      previous_response_id: paused.id,
      input: [answerTo(callsIn(paused)[0]?.call_id ?? '', { approve: true })],
    });

    expect(JSON.parse(callsIn(paused)[0]?.arguments ?? '')).toMatchObject({ executor_id: 'inner' });
    expect(done.output_text).toBe('published draft');
  });

  it('some of several questions may be answered first', async () => {
    const ask = defineTool({
      name: 'pay',
      description: 'Pays',
      input: z.object({ n: z.number() }),
      needsApproval: true,
      execute: ({ n }) => n,
    });
    const client = scripted([[toolCall('pay', { n: 1 }), toolCall('pay', { n: 2 })], 'Both done.']);
    await using server = await hosted({ agent: new Agent({ name: 'a', client, tools: [ask] }) });
    const { responses } = server.client;
    const approvalsIn = ({ output }: OpenAI.Responses.Response) =>
      output.flatMap((item) => (item.type === 'mcp_approval_request' ? [item.id] : []));
    const approve = async ({ id }: OpenAI.Responses.Response, request: string) =>
      responses.create({
        previous_response_id: id,
        input: [{ type: 'mcp_approval_response', approval_request_id: request, approve: true }],
      });

    const paused = await responses.create({ input: 'go' });
    const [one = '', two = ''] = approvalsIn(paused);
    const half = await approve(paused, one);
    const again = await refusalOf(approve(half, one));
    const done = await approve(half, two);

    expect(approvalsIn(half)).toEqual([two]);
    expect(again).toMatchObject({ status: 400, code: 'unknown_request' });
    expect(again.message).toContain(two);
    expect(done.output_text).toBe('Both done.');
  });

  it('handlers see what the server says of a request, and no store does', async () => {
    const checkpoints = new MemoryCheckpointStore();
    const start = defineExecutor('start', (_: string, ctx) => ctx.yield(typeof ctx.runContext));
    const workflow = new WorkflowBuilder({ name: 'w', start }).build();
    await using server = await hosted({
      workflow,
      checkpoints,
      runContext: (request) => ({ token: request.headers.get('authorization') }),
    });

    const { output_text: text } = await server.client.responses.create({ input: 'a' });
    const stored = [];
    for await (const { id } of checkpoints.list()) stored.push(await checkpoints.load(id));

    expect(text).toBe('object');
    expect(JSON.stringify(stored)).not.toContain('Bearer');
  });

  it('a response that is not stored goes on from one that is', async () => {
    const checkpoints = new MemoryCheckpointStore();
    await using server = await hosted({ workflow: buildCounter(), checkpoints });
    const { responses } = server.client;
    const { id } = await responses.create({ input: 'a' });
    const countStored = async () => {
      const ids = [];
      for await (const head of checkpoints.list()) ids.push(head.id);
      return ids.length;
    };
    const before = await countStored();

    const unstored = await responses.create({ input: 'b', previous_response_id: id, store: false });

    expect(unstored.output_text).toBe('2: b');
    expect(await countStored()).toBe(before);
  });
});
