import { defineExecutor, defineRequest, WorkflowBuilder } from '@colloquy/core';
import * as z from 'zod';

/** Counts what its conversation has told it; `fail` fails after the counting. */
export function buildCounter() {
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
export function buildPublisher() {
  const editor = defineExecutor('editor', { yields: z.string() })
    .on(String, (draft, ctx) => ctx.request(Approval, { draft }))
    .onResponse(Approval, (answer, { draft }, ctx) =>
      ctx.yield(answer.approve ? `published ${draft}` : `rejected: ${answer.note ?? ''}`),
    );
  return new WorkflowBuilder({ name: 'publisher', start: editor }).build();
}

/** A gate that a test opens. */
export interface Gate {
  readonly open: () => void;
  readonly isOpen: Promise<void>;
  /** Resolves when somebody waits at the gate. */
  readonly isReached: Promise<void>;
  readonly reach: () => void;
}

export function createGate(): Gate {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  return {
    open: () => opened.resolve(),
    isOpen: opened.promise,
    isReached: reached.promise,
    reach: () => reached.resolve(),
  };
}

/** Yields, waits at a gate in the next superstep, and yields again in the one after it. */
export function buildGated(gate: Gate) {
  const first = defineExecutor('first', { sends: [String], yields: z.string() }).on(
    String,
    (text, ctx) => {
      ctx.yield(`begun ${text}`);
      ctx.send(text);
    },
  );
  const waiting = defineExecutor('waiting', { sends: [String] }).on(String, async (text, ctx) => {
    gate.reach();
    await Promise.race([
      gate.isOpen,
      new Promise((_resolve, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason), { once: true });
      }),
    ]);
    ctx.send(text);
  });
  const last = defineExecutor('last', { yields: z.string() }).on(String, (text, ctx) =>
    ctx.yield(`ended ${text}`),
  );
  return new WorkflowBuilder({ name: 'gated', start: first })
    .addEdge(first, waiting)
    .addEdge(waiting, last)
    .build();
}
