import { setTimeout as wait } from 'node:timers/promises';

import { type Run, type Subject } from '../subject.ts';

/** One node: what it makes of its messages goes along its edges. */
interface Node {
  readonly handle: (
    messages: readonly number[],
  ) => Promise<number | undefined> | number | undefined;
  readonly targets: readonly number[];
}

interface LeanEvent {
  readonly type: string;
  readonly superstep: number;
  readonly node?: number;
}

/** The barest superstep engine: a queue, an order, events; no validation, no state, no checkpoints, no cancelling. */
async function runNodes(
  nodes: readonly Node[],
  input: number,
  tell?: (event: LeanEvent) => void,
): Promise<number> {
  let waiting = new Map<number, number[]>([[0, [input]]]);
  let output = input;
  for (let superstep = 1; waiting.size > 0; superstep += 1) {
    tell?.({ type: 'superstep_started', superstep });
    const order = [...waiting.keys()].toSorted((left, right) => left - right);
    const results = await Promise.all(
      order.map((index) => {
        tell?.({ type: 'node_started', superstep, node: index });
        const result = nodes[index]?.handle(waiting.get(index) ?? []);
        tell?.({ type: 'node_completed', superstep, node: index });
        return result;
      }),
    );
    const next = new Map<number, number[]>();
    for (const [position, result] of results.entries()) {
      if (result === undefined) continue;
      output = result;
      for (const target of nodes[order[position] ?? 0]?.targets ?? []) queue(next, target, result);
    }
    tell?.({ type: 'superstep_completed', superstep });
    waiting = next;
  }
  return output;
}

function queue(waiting: Map<number, number[]>, target: number, message: number): void {
  const messages = waiting.get(target);
  if (messages === undefined) waiting.set(target, [message]);
  else messages.push(message);
}

async function* eventsOf(nodes: readonly Node[]): AsyncGenerator<LeanEvent, number> {
  const events: LeanEvent[] = [];
  let wake: (() => void) | undefined;
  let isDone = false;
  const running = runNodes(nodes, 0, (event) => {
    events.push(event);
    wake?.();
  }).finally(() => {
    isDone = true;
    wake?.();
  });
  for (;;) {
    const batch = events.splice(0);
    yield* batch;
    if (events.length > 0) continue;
    if (isDone) return running;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const addOne = ([count = 0]: readonly number[]): number => count + 1;

function chainOf(length: number): Node[] {
  return Array.from({ length }, (_, index) => ({
    handle: addOne,
    targets: index + 1 < length ? [index + 1] : [],
  }));
}

function loopOf(supersteps: number): Node[] {
  const pong = ([count = 0]: readonly number[]): number | undefined =>
    count < supersteps ? count + 1 : undefined;
  return [
    { handle: pong, targets: [1] },
    { handle: pong, targets: [0] },
  ];
}

function fanOutOf(width: number, waitMs: number): Node[] {
  const answer = waitMs === 0 ? () => 1 : async () => wait(waitMs, 1);
  const others = Array.from({ length: width }, (_, index) => index + 1);
  return [
    { handle: ([input]) => input, targets: others },
    ...others.map(() => ({ handle: answer, targets: [width + 1] })),
    { handle: (answers) => answers.reduce((sum, one) => sum + one, 0), targets: [] },
  ];
}

const run =
  (nodes: readonly Node[]): Run =>
  () =>
    runNodes(nodes, 0);

/** What supersteps cost at least: a queue, an order and an event stream. */
export const lean: Subject = {
  name: 'lean (bare superstep loop)',
  chain: (length) => run(chainOf(length)),
  loop: (supersteps) => run(loopOf(supersteps)),
  unreadLoop: (supersteps) => () => {
    const events: LeanEvent[] = [];
    return runNodes(loopOf(supersteps), 0, (event) => events.push(event));
  },
  streamedLoop: (supersteps) => async () => {
    let count = 0;
    for await (const { type } of eventsOf(loopOf(supersteps)))
      if (type === 'superstep_completed') count += 1;
    // The superstep in which the last node says nothing is no addition.
    return count - 1;
  },
  fanOut: (width, waitMs) => run(fanOutOf(width, waitMs)),
  groupChat: (turns) => run(loopOf(turns)),
  forks: (length) => () => run(chainOf(length)),
};
