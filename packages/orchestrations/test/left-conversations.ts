import {
  type MemoryCheckpointStore,
  type PendingRequest,
  type Workflow,
  WorkflowCancelledError,
  type WorkflowRun,
} from '@colloquy/core';
import { type AnswerRequest } from '@colloquy/testing';
import fc from 'fast-check';

/** How one run is left; `at` counts events or turns of the microtask queue. */
const ways = {
  end: async (run) => {
    for await (const _ of run);
  },
  unread: async () => {},
  break: async (run, at) => {
    let count = 0;
    for await (const _ of run) if ((count += 1) === at) break;
  },
  cancel: async (run, at) => {
    for await (const { seq } of run) if (seq === at) void run.cancel('enough');
  },
  abort: async (run, at) => {
    for (let turn = 0; turn < at; turn += 1) await Promise.resolve();
    await run.cancel();
  },
} satisfies Record<string, (run: WorkflowRun, at: number) => Promise<void>>;

/** How a conversation is left: after so many answered turns, in this way, and perhaps gone on with from a checkpoint. */
export interface Leaving {
  readonly way: keyof typeof ways;
  readonly at: number;
  /** How many turns are answered before; the requests of the next stay open. */
  readonly turns: number;
  /** The model call, of all together, that fails. */
  readonly failAt: number | undefined;
  /** From which checkpoint, as a part of all, it is gone on with; `undefined` for none. */
  readonly restoreAt: number | undefined;
}

/** The names of ways. */
export function keysOf<T extends object>(named: T): (keyof T)[] {
  // Literals, whose keys are those of their types.
  return Object.keys(named) as (keyof T)[];
}

/** Any way to leave a conversation. */
export const leavings: fc.Arbitrary<Leaving> = fc.record({
  way: fc.constantFrom(...keysOf(ways)),
  at: fc.integer({ min: 1, max: 50 }),
  turns: fc.nat({ max: 3 }),
  failAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  restoreAt: fc.option(fc.double({ min: 0, max: 0.999, noNaN: true }), { nil: undefined }),
});

/** What can be made to fail: the call with this number, counted from 1. */
export interface Fault {
  calls: number;
  failAt: number | undefined;
}

/** Counts a call of something that may fail. */
export function countCall(fault: Fault): void {
  fault.calls += 1;
  if (fault.calls === fault.failAt) throw new Error('down');
}

/** What a conversation is held with. */
export interface HoldOptions {
  readonly leaving: Leaving;
  readonly fault: Fault;
  readonly store: MemoryCheckpointStore;
  readonly answer: AnswerRequest;
}

/** Holds a conversation and leaves it. */
export async function holdAndLeave(
  workflow: Workflow<string>,
  input: string,
  { leaving, fault, store, answer }: HoldOptions,
): Promise<void> {
  const { turns, failAt, restoreAt } = leaving;
  Object.assign(fault, { calls: 0, failAt });
  let start = (): WorkflowRun => workflow.stream(input, { checkpoints: store });
  for (let turn = 0; ; turn += 1) {
    const asked = await leave(start(), turn === turns ? leaving : { way: 'end', at: 0 });
    const responses = answersTo(asked, turn, answer);
    if (turn === turns || responses === undefined) break;
    start = () => workflow.streamResume({ responses, checkpoints: store });
  }
  if (restoreAt !== undefined) await restore(workflow, store, restoreAt);
  fault.failAt = undefined;
}

function answersTo(
  asked: readonly PendingRequest[],
  turn: number,
  answer: AnswerRequest,
): Record<string, unknown> | undefined {
  const answers = asked.map((request) => [request.id, answer(request, turn)] as const);
  return answers.length === 0 ? undefined : Object.fromEntries(answers);
}

/** Leaves one run; gives what it asks, where it has come to its end. */
async function leave(
  run: WorkflowRun,
  { way, at }: Pick<Leaving, 'way' | 'at'>,
): Promise<readonly PendingRequest[]> {
  await ways[way](run, at);
  const [ended] = await Promise.allSettled([run.result]);
  if (ended.status === 'fulfilled') return ended.value.pendingRequests;
  assertExpected(ended.reason);
  return [];
}

/** Anything else than a cancellation, or a failure because of what was made to fail, is a defect. */
function assertExpected(error: unknown): void {
  const isExpected =
    WorkflowCancelledError.isInstance(error) ||
    /down|to answer, got|did not name/.test(String(error));
  if (!isExpected) throw error;
}

/** Goes on from a checkpoint of the conversation, without answers. */
async function restore(
  workflow: Workflow<string>,
  store: MemoryCheckpointStore,
  part: number,
): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of store.list()) ids.push(id);
  const checkpointId = ids[Math.floor(part * ids.length)];
  if (checkpointId === undefined) return;
  await workflow.resume({ checkpointId, checkpoints: store }).catch(assertExpected);
}
