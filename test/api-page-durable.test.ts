import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  Agent,
  AgentSession,
  type CheckpointStore,
  defineExecutor,
  defineRequest,
  defineWorkflow,
  SubWorkflowRequest,
  subWorkflow,
  toDot,
  toMermaid,
  WorkflowBuilder,
} from '@colloquy/core';
import { FileCheckpointStore } from '@colloquy/core/node';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { PostgresCheckpointStore } from '@colloquy/stores/postgres';
import { RedisCheckpointStore } from '@colloquy/stores/redis';
import { SqliteCheckpointStore } from '@colloquy/stores/sqlite';
import { checkpointStoreSuite, scripted } from '@colloquy/testing';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

const folder = mkdtempSync(join(tmpdir(), 'colloquy-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const Approval = defineRequest('approval', {
  request: z.object({ draft: z.string() }),
  response: z.object({ approve: z.boolean(), note: z.string().optional() }),
});

const editor = defineExecutor('editor')
  .on(String, (draft, ctx) => ctx.request(Approval, { draft }))
  .onResponse(Approval, (answer, request, ctx) =>
    ctx.yield(answer.approve ? request.draft : `rejected: ${answer.note}`),
  );

describe('the public API: human in the loop, checkpoints, another process', () => {
  it.each([
    [{ approve: true }, 'Hello world'],
    [{ approve: false, note: 'too short' }, 'rejected: too short'],
  ])('pauses for a human and goes on elsewhere with %o', async (answer, output) => {
    const store = new FileCheckpointStore(folder);
    const build = () =>
      new WorkflowBuilder({ name: 'publish', start: editor, checkpoints: store }).build();

    const paused = await build().run('Hello world');
    const [request] = paused.pendingRequests;
    const done = await build().resume({
      checkpointId: paused.checkpointId,
      responses: { [request?.id ?? '']: answer },
    });

    expect(paused.state).toBe('idle_with_pending_requests');
    expect(request).toEqual({
      id: expect.any(String),
      type: 'approval',
      executorId: 'editor',
      data: { draft: 'Hello world' },
      responseSchema: expect.objectContaining({ type: 'object' }),
    });
    expect(done.outputs).toEqual([output]);
  });

  it('lists heads with what the page names', async () => {
    const store = new FileCheckpointStore(join(folder, 'heads'));
    const workflow = new WorkflowBuilder({
      name: 'publish',
      start: editor,
      checkpoints: store,
    }).build();
    const { threadId, runId } = await workflow.run('Hello');

    const heads = [];
    for await (const head of store.list({ threadId })) heads.push(head);

    expect(heads).toHaveLength(2);
    expect(heads[0]).toMatchObject({
      id: expect.any(String),
      parentId: null,
      threadId,
      branchId: expect.any(String),
      runId,
      workflowName: 'publish',
      graphSignature: expect.any(String),
      superstep: 0,
      createdAt: expect.any(Number),
      version: 1,
    });
    await expect(store.load('ghost')).rejects.toMatchObject({ name: 'CheckpointNotFoundError' });
    expect(await store.delete('ghost')).toBe(false);
  });

  it('uses another store for one run', async () => {
    const [usual, other] = [
      new FileCheckpointStore(join(folder, 'usual')),
      new FileCheckpointStore(join(folder, 'other')),
    ];
    const workflow = new WorkflowBuilder({
      name: 'publish',
      start: editor,
      checkpoints: usual,
    }).build();

    const { checkpointId, threadId } = await workflow.run('Hello', { checkpoints: other });

    expect((await other.load(checkpointId ?? '')).threadId).toBe(threadId);
    await expect(usual.load(checkpointId ?? '')).rejects.toThrow('store does not have');
  });

  it('has stores for other databases, and one suite for all', () => {
    expectTypeOf(SqliteCheckpointStore).instance.toExtend<CheckpointStore>();
    expectTypeOf(PostgresCheckpointStore).instance.toExtend<CheckpointStore>();
    expectTypeOf(RedisCheckpointStore).instance.toExtend<CheckpointStore>();
    expect(
      checkpointStoreSuite(() => new SqliteCheckpointStore(':memory:')).length,
    ).toBeGreaterThan(15);
  });
});

describe('the public API: composition', () => {
  it('runs a workflow as an executor, whose questions a parent answers', async () => {
    const inner = new WorkflowBuilder({ name: 'inner', start: editor }).build();
    const boss = defineExecutor('boss')
      .on(String, (text, ctx) => ctx.send(text, { target: 'inner' }))
      .on(SubWorkflowRequest, (request, ctx) =>
        ctx.send(request.answer({ approve: true }), { target: request.executorId }),
      );
    const node = subWorkflow(inner, { id: 'inner', requests: 'parent', outputs: 'yield' });
    const outer = new WorkflowBuilder({ name: 'outer', start: boss })
      .addEdge(boss, node)
      .addEdge(node, boss)
      .build();

    expect((await outer.run('Hello')).outputs).toEqual(['Hello']);
    expect(toMermaid(outer)).toContain('inner');
    expect(toDot(outer)).toContain('inner');
  });

  it('surfaces a question with the path to who asked', async () => {
    const inner = new WorkflowBuilder({ name: 'inner', start: editor }).build();
    const outer = new WorkflowBuilder({
      name: 'outer',
      start: subWorkflow(inner, { id: 'node' }),
    }).build();

    const { pendingRequests } = await outer.run('Hello');

    expect(pendingRequests).toMatchObject([{ executorId: 'node', path: ['node', 'editor'] }]);
  });

  it('makes an agent of a group chat, whose session is enough to go on', async () => {
    const build = (...sayings: string[]) =>
      groupChat({
        participants: [new Agent({ name: 'writer', client: scripted(sayings) })],
        selectSpeaker: roundRobin(),
        maxRounds: 1,
      }).asAgent({ name: 'panel' });
    const agent = build('one');
    const session = agent.createSession();
    await agent.run('Hello', { session });

    const restored = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));
    const { text } = await build('two').run('Again', { session: restored });

    expect([agent.name, text]).toEqual(['panel', 'two']);
  });

  it('makes a workflow of one function', async () => {
    const workflow = defineWorkflow('publish', async (draft: string, ctx) => {
      const text = await ctx.step('trim', () => draft.trim());
      const { approve } = await ctx.request(Approval, { draft: text });
      return approve ? text : undefined;
    });

    const { pendingRequests } = await workflow.run(' Hello ');
    const responses = { [pendingRequests[0]?.id ?? '']: { approve: true } };
    const { outputs } = await workflow.resume({ responses });

    expectTypeOf(outputs).toEqualTypeOf<readonly string[]>();
    expect(outputs).toEqual(['Hello']);
  });
});
