import { defineExecutor, defineRequest, type Workflow, WorkflowBuilder } from '@colloquy/core';
import * as z from 'zod';

/** Counts what its conversation has told it; `fail` fails after the counting. */
export function buildCounter(): Workflow<string, string> {
  const counter = defineExecutor('counter', {
    state: () => ({ seen: 0 }),
    yields: z.string(),
  }).on(String, (text, ctx) => {
    ctx.state.seen += 1;
    if (text.includes('fail')) throw new Error('broken: token sk-secret');
    ctx.yield(`${ctx.state.seen}: ${text}`);
  });
  return new WorkflowBuilder({ name: 'counter', start: counter }).build();
}

const Approval = defineRequest('approval', {
  request: z.object({ draft: z.string() }),
  response: z.object({ approve: z.boolean(), note: z.string().optional() }),
});

/** Asks before it publishes a draft. */
export function buildPublisher(): Workflow<string, string> {
  const editor = defineExecutor('editor', { yields: z.string() })
    .on(String, (draft, ctx) => ctx.request(Approval, { draft }))
    .onResponse(Approval, (answer, { draft }, ctx) =>
      ctx.yield(answer.approve ? `published ${draft}` : `rejected: ${answer.note ?? ''}`),
    );
  return new WorkflowBuilder({ name: 'publisher', start: editor }).build();
}
