/** A workflow asks for a human's yes and its process ends; another process goes on with the answer. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineExecutor, defineRequest, type Workflow, WorkflowBuilder } from '@colloquy/core';
import { FileCheckpointStore } from '@colloquy/core/node';
import * as z from 'zod';

const Approval = defineRequest('approval', {
  request: z.object({ draft: z.string() }),
  response: z.object({ approve: z.boolean(), note: z.string().optional() }),
});

const editor = defineExecutor('editor')
  .on(String, (draft, ctx) => ctx.request(Approval, { draft }))
  .onResponse(Approval, ({ approve, note }, { draft }, ctx) =>
    ctx.yield(approve ? `published: ${draft}` : `rejected: ${note ?? 'no reason'}`),
  );

function build(folder: string): Workflow<string> {
  const checkpoints = new FileCheckpointStore(folder);
  return new WorkflowBuilder({
    name: 'publish',
    start: editor,
    checkpoints,
    threadId: 'article-7',
  }).build();
}

async function ask(folder: string): Promise<void> {
  const { state, pendingRequests } = await build(folder).run('Bees can count.');
  console.log(`first process: ${state}, asked ${JSON.stringify(pendingRequests[0]?.data)}`);
}

async function answer(folder: string): Promise<void> {
  const workflow = build(folder);
  const { pendingRequests } = await workflow.resume({ threadId: 'article-7' });
  const responses = Object.fromEntries(pendingRequests.map(({ id }) => [id, { approve: true }]));
  const { outputs } = await workflow.resume({ responses });
  console.log(`second process: ${outputs.join()}`);
}

const [part, given] = process.argv.slice(2);
if (part === 'ask' && given !== undefined) await ask(given);
else if (part === 'answer' && given !== undefined) await answer(given);
else {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-'));
  for (const each of ['ask', 'answer'])
    execFileSync(process.execPath, [...process.execArgv, import.meta.filename, each, folder], {
      stdio: 'inherit',
    });
  rmSync(folder, { recursive: true });
}
