import { type PendingRequest } from '../messages/pending-request.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type StopReason } from '../graph/workflow-context.ts';
import { addUsage, type Usage } from '../messages/usage.ts';
import { commitShared } from '../state/shared-state.ts';
import { type Envelope } from './envelope.ts';
import { type ExecutorResult, type YieldedValue } from './executor-call.ts';
import { type EdgeBuffers, type SuperstepPlan } from './superstep-plan.ts';

/** What lies between two supersteps. */
export interface SuperstepBoundary {
  /** Supersteps completed so far. */
  readonly superstep: number;
  /** Supersteps of the whole conversation; names a superstep for good. */
  readonly step: number;
  /** Ordered by the sources' declaration, then by sending. */
  readonly queue: readonly Envelope[];
  readonly edgeBuffers: EdgeBuffers;
  readonly shared: ReadonlyMap<string, unknown>;
  /** The requests that wait for an answer, by id, in the order in which they were asked. */
  readonly pending: ReadonlyMap<string, PendingRequest>;
  /** The ids of the requests that were answered. */
  readonly answered: ReadonlySet<string>;
}

/** What a superstep that ended well leads to. */
export interface SuperstepOutcome {
  readonly boundary: SuperstepBoundary;
  /** Ordered by the executors' declaration, then by yielding. */
  readonly yields: readonly YieldedValue[];
  readonly usage: Usage | undefined;
  readonly stopReason: StopReason | undefined;
  /** Shared keys that several executors wrote without a reducer. */
  readonly conflicts: readonly string[];
}

/**
 * Joins the results of one superstep into the boundary after it.
 *
 * Pure and synchronous: the same boundary, plan and results give the same outcome, in whatever order the executors
 * ended. Nothing that is passed in is changed.
 */
export function applySuperstep(
  graph: WorkflowGraph,
  boundary: SuperstepBoundary,
  plan: SuperstepPlan,
  results: readonly ExecutorResult[],
): SuperstepOutcome {
  const ordered = inDeclaredOrder(graph, results);
  const commit = commitShared(
    boundary.shared,
    ordered.map(({ sharedWrites }) => sharedWrites),
    graph.sharedKeys,
  );
  return {
    boundary: {
      superstep: boundary.superstep + 1,
      step: boundary.step + 1,
      queue: joined(ordered, ({ messages }) => messages),
      edgeBuffers: plan.edgeBuffers,
      shared: commit.values,
      pending: withRequests(boundary.pending, ordered),
      answered: boundary.answered,
    },
    yields: joined(ordered, ({ yields }) => yields),
    usage: sumUsage(ordered),
    stopReason: ordered.findLast(({ stopReason }) => stopReason !== undefined)?.stopReason,
    conflicts: commit.conflicts,
  };
}

function withRequests(
  pending: SuperstepBoundary['pending'],
  results: readonly ExecutorResult[],
): SuperstepBoundary['pending'] {
  if (results.every(({ requests }) => requests.length === 0)) return pending;
  const asked = results.flatMap(({ requests }) => requests);
  return new Map([...pending, ...asked.map((request) => [request.id, request] as const)]);
}

/** The results in the order in which the builder heard of their executors. */
export function inDeclaredOrder(
  graph: WorkflowGraph,
  results: readonly ExecutorResult[],
): readonly ExecutorResult[] {
  if (results.length < 2) return results;
  const indexOf = (id: string): number => graph.executors.get(id)?.index ?? 0;
  return results.toSorted((left, right) => indexOf(left.executorId) - indexOf(right.executorId));
}

function joined<T>(
  results: readonly ExecutorResult[],
  part: (result: ExecutorResult) => readonly T[],
): readonly T[] {
  const [only] = results;
  return results.length === 1 && only !== undefined ? part(only) : results.flatMap(part);
}

function sumUsage(results: readonly ExecutorResult[]): Usage | undefined {
  let sum: Usage | undefined;
  for (const { usage } of results) {
    if (usage !== undefined) sum = sum === undefined ? usage : addUsage(sum, usage);
  }
  return sum;
}
