import { type PendingRequest } from '../messages/pending-request.ts';
import { type FanInEdges, targetsOf } from '../graph/edge-group.ts';
import { type Executor } from '../graph/executor.ts';
import { findHandler } from '../graph/handler.ts';
import { type OutgoingGroup, type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Envelope, INPUT_SOURCE } from './envelope.ts';
import { resolveTargets } from './resolve-targets.ts';
import {
  type Delivery,
  type DroppedMessage,
  type EdgeBuffers,
  type SuperstepPlan,
} from './superstep-plan.ts';

/** What a superstep is planned from. */
export interface WaitingMessages {
  /** Ordered by the sources' declaration, then by sending. */
  readonly queue: readonly Envelope[];
  readonly edgeBuffers: EdgeBuffers;
  /** The instance's executors, whose handlers are asked. */
  readonly executors: ReadonlyMap<string, Executor>;
}

/**
 * Sorts the waiting messages into what each executor handles next.
 *
 * Reads the queue and the fan-in buffers and changes neither. First every edge's condition is asked, then the messages
 * are sorted; a promise is returned only where a condition returns one.
 *
 * Invariants:
 * - P1: an executor's deliveries are in the order of the queue and, per message, of the edges' declaration.
 * - P2: a fan-in fires when every source has contributed, with all that is buffered, in declared source order.
 * - P3: a message that was meant for somebody and that no handler takes is dropped exactly once.
 *
 * @throws {EdgeError} when a condition throws or selects what its edge does not have.
 */
export function planSuperstep(
  graph: WorkflowGraph,
  waiting: WaitingMessages,
): SuperstepPlan | Promise<SuperstepPlan> {
  const choices: (Targets | Promise<Targets>)[] = [];
  let isWaiting = false;
  try {
    for (const envelope of waiting.queue) {
      if (envelope.request !== undefined) continue;
      const handles = (id: string): boolean =>
        findHandler(waiting.executors.get(id)?.handlers ?? [], envelope.message) !== undefined;
      for (const { group } of graph.groupsBySource.get(envelope.sourceId) ?? []) {
        const isAsked = envelope.target === undefined || targetsOf(group).includes(envelope.target);
        const choice = isAsked ? resolveTargets(group, envelope.message, handles) : NOBODY;
        isWaiting ||= choice instanceof Promise;
        choices.push(choice);
      }
    }
  } catch (error) {
    // The first failure is the one that is told; those still to come have nobody else to hear them.
    for (const choice of choices) if (choice instanceof Promise) choice.catch(() => {});
    throw error;
  }
  if (isWaiting)
    return Promise.all(choices.map(async (choice) => choice)).then((chosen) =>
      sortMessages(graph, waiting, chosen),
    );
  // No choice is a promise.
  return sortMessages(graph, waiting, choices as readonly Targets[]);
}

/** Whom an edge group has chosen for a message. */
type Targets = readonly string[];

/** The choice of a group that a targeted message cannot go along: its conditions are not asked. */
const NOBODY: Targets = [];

/** Sorts messages by the targets that each of their edge groups has chosen, in the order they were asked. */
function sortMessages(
  graph: WorkflowGraph,
  waiting: WaitingMessages,
  chosen: readonly Targets[],
): SuperstepPlan {
  const draft = new PlanDraft(graph, waiting);
  let next = 0;
  for (const envelope of waiting.queue) {
    const outgoing = outgoingOf(graph, envelope);
    const targets = chosen.slice(next, next + outgoing.length);
    next += outgoing.length;
    if (envelope.request !== undefined) draft.deliverAnswer(envelope, envelope.request);
    else if (envelope.sourceId === INPUT_SOURCE) draft.deliverInput(envelope);
    else if (isReachable(outgoing, envelope.target))
      deliverAlong(draft, outgoing, targets, envelope);
    else draft.drop(envelope, 'unknown_target');
  }
  draft.fireFanIns();
  return draft.finish();
}

const NO_GROUPS: readonly OutgoingGroup[] = [];

/** The edges a message may go along; an answer goes along none. */
function outgoingOf(
  graph: WorkflowGraph,
  { sourceId, request }: Envelope,
): readonly OutgoingGroup[] {
  return request === undefined ? (graph.groupsBySource.get(sourceId) ?? NO_GROUPS) : NO_GROUPS;
}

/** Whether a targeted message has an edge to its target, even if a condition does not hold this time. */
function isReachable(outgoing: readonly OutgoingGroup[], target: string | undefined): boolean {
  return target === undefined || outgoing.some(({ group }) => targetsOf(group).includes(target));
}

function deliverAlong(
  draft: PlanDraft,
  outgoing: readonly OutgoingGroup[],
  chosen: readonly Targets[],
  envelope: Envelope,
): void {
  let meantFor = 0;
  let delivered = 0;
  for (const [position, { group, index }] of outgoing.entries()) {
    for (const target of chosen[position] ?? []) {
      if (envelope.target !== undefined && envelope.target !== target) continue;
      meantFor += 1;
      const isTaken =
        group.kind === 'fanIn'
          ? draft.buffer(group, envelope)
          : draft.deliver(target, envelope, index);
      if (isTaken) delivered += 1;
    }
  }
  // P3: conditions that hold nowhere drop nothing, they are how a message is meant for nobody.
  if (meantFor > 0 && delivered === 0) draft.drop(envelope, 'no_handler');
}

const NO_SOURCES: readonly string[] = [];

interface BatchDraft {
  readonly executorId: string;
  readonly deliveries: Delivery[];
  /** The first edge by which the executor is reached; executors start in this order. */
  rank: number;
}

/** Owns the plan while it is being made. */
class PlanDraft {
  readonly #graph: WorkflowGraph;
  readonly #executors: ReadonlyMap<string, Executor>;
  readonly #batches = new Map<string, BatchDraft>();
  readonly #dropped: DroppedMessage[] = [];
  #edgeBuffers: EdgeBuffers;
  #buffered: Map<FanInEdges, Map<string, unknown[]>> | undefined;

  constructor(graph: WorkflowGraph, waiting: WaitingMessages) {
    this.#graph = graph;
    this.#executors = waiting.executors;
    this.#edgeBuffers = waiting.edgeBuffers;
  }

  drop({ sourceId, target, message }: Envelope, reason: DroppedMessage['reason']): void {
    this.#dropped.push({ sourceId, target, message, reason });
  }

  deliverInput({ message }: Envelope): void {
    this.#deliver(this.#graph.startId, message, [], -1);
  }

  /** Brings an answer to who asked. */
  deliverAnswer(envelope: Envelope, request: PendingRequest): void {
    const { executorId } = request;
    const handler = this.#executors.get(executorId)?.findResponseHandler(request);
    if (handler === undefined) {
      this.drop(envelope, 'no_handler');
      return;
    }
    const rank = this.#graph.executors.get(executorId)?.index ?? 0;
    this.#append(
      executorId,
      { handler, message: envelope.message, request, sourceIds: NO_SOURCES },
      rank * this.#graph.edgeGroups.length,
    );
  }

  /** P1: appends in the order of the calls. Says whether a handler takes the message. */
  deliver(executorId: string, { sourceId, message }: Envelope, edgeIndex: number): boolean {
    const sourceIndex = this.#graph.executors.get(sourceId)?.index ?? 0;
    const rank = sourceIndex * this.#graph.edgeGroups.length + edgeIndex;
    return this.#deliver(executorId, message, [sourceId], rank);
  }

  /** Holds a message for a fan-in. */
  buffer(group: FanInEdges, { sourceId, message }: Envelope): true {
    this.#buffered ??= new Map();
    let bySource = this.#buffered.get(group);
    if (bySource === undefined) {
      const earlier = this.#edgeBuffers.get(group.id) ?? new Map<string, readonly unknown[]>();
      bySource = new Map(Array.from(earlier, ([source, messages]) => [source, [...messages]]));
      this.#buffered.set(group, bySource);
    }
    const messages = bySource.get(sourceId) ?? [];
    messages.push(message);
    bySource.set(sourceId, messages);
    return true;
  }

  /** P2: delivers the lists that are complete, in the order of the groups' declaration. */
  fireFanIns(): void {
    if (this.#buffered === undefined) return;
    const edgeBuffers = new Map(this.#edgeBuffers);
    for (const [index, group] of this.#graph.edgeGroups.entries()) {
      const bySource = group.kind === 'fanIn' ? this.#buffered.get(group) : undefined;
      if (group.kind !== 'fanIn' || bySource === undefined) continue;
      const isComplete = group.sources.every((source) => bySource.has(source));
      if (isComplete) {
        edgeBuffers.delete(group.id);
        this.#fire(group, bySource, index);
      } else edgeBuffers.set(group.id, bySource);
    }
    this.#edgeBuffers = edgeBuffers;
  }

  finish(): SuperstepPlan {
    const batches = [...this.#batches.values()];
    if (batches.length > 1) batches.sort((left, right) => left.rank - right.rank);
    return { batches, edgeBuffers: this.#edgeBuffers, dropped: this.#dropped };
  }

  #fire(group: FanInEdges, bySource: ReadonlyMap<string, readonly unknown[]>, index: number): void {
    const message = group.sources.flatMap((source) => bySource.get(source) ?? []);
    const rank = this.#graph.executors.size * this.#graph.edgeGroups.length + index;
    if (this.#deliver(group.target, message, group.sources, rank)) return;
    this.#dropped.push({
      sourceId: group.sources.join(', '),
      target: group.target,
      message,
      reason: 'no_handler',
    });
  }

  #deliver(
    executorId: string,
    message: unknown,
    sourceIds: readonly string[],
    rank: number,
  ): boolean {
    const matched = findHandler(this.#executors.get(executorId)?.handlers ?? [], message);
    if (matched === undefined) return false;
    const { handler, value } = matched;
    this.#append(executorId, { handler, value, message, sourceIds }, rank);
    return true;
  }

  #append(executorId: string, delivery: Delivery, rank: number): void {
    const batch = this.#batches.get(executorId);
    if (batch === undefined) {
      this.#batches.set(executorId, { executorId, deliveries: [delivery], rank });
    } else {
      batch.deliveries.push(delivery);
      if (rank < batch.rank) batch.rank = rank;
    }
  }
}
