import {
  eventToJson,
  type Workflow,
  WorkflowCancelledError,
  type WorkflowRun,
} from '@colloquy/core';

/** What a run shows: its events without ids and times, and how it ended. */
export async function shownBy(run: WorkflowRun): Promise<object> {
  const events: unknown[] = [];
  for await (const event of run) {
    const { runId: _runId, timestamp: _timestamp, ...rest } = eventToJson(event);
    events.push(rest);
  }
  const [ended] = await Promise.allSettled([run.result]);
  const outcome = ended.status === 'fulfilled' ? ended.value.stopReason : String(ended.reason);
  return { events, outcome };
}

/** Ways to leave a run; `at` says when, counted as the way counts. */
export const interruptions = {
  none: async (workflow: Workflow<string>, input: string) => {
    await workflow.run(input).catch(() => {});
  },
  break: async (workflow: Workflow<string>, input: string, at: number) => {
    let count = 0;
    const stream = workflow.stream(input);
    for await (const _ of stream) if ((count += 1) === at) break;
  },
  cancel: async (workflow: Workflow<string>, input: string, at: number) => {
    const stream = workflow.stream(input);
    for await (const { seq } of stream) if (seq === at) void stream.cancel('enough');
    await stream.result.catch((error: unknown) => assertExpected(error));
  },
  unread: async (workflow: Workflow<string>, input: string) => {
    await workflow.stream(input).result.catch(() => {});
  },
  unreadCancelled: async (workflow: Workflow<string>, input: string, at: number) => {
    const stream = workflow.stream(input);
    for (let turn = 0; turn < at; turn += 1) await Promise.resolve();
    await stream.cancel();
  },
  abort: async (workflow: Workflow<string>, input: string, at: number) => {
    const controller = new AbortController();
    const running = workflow.run(input, { signal: controller.signal }).catch(() => {});
    for (let turn = 0; turn < at; turn += 1) await Promise.resolve();
    controller.abort();
    await running;
  },
};

/** Anything else than a cancellation, or a model that was made to fail, is a defect. */
function assertExpected(error: unknown): void {
  if (WorkflowCancelledError.isInstance(error) || String(error).includes('down')) return;
  throw error;
}
