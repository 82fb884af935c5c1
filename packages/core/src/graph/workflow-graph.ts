import { type EventType } from '../events/custom-event.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type SharedKeys } from '../state/shared-state.ts';
import { type EdgeGroup, sourcesOf } from './edge-group.ts';
import { type Executor } from './executor.ts';
import { type Handler } from './handler.ts';
import { type Matcher } from './matcher.ts';
import { type OutputDesignation } from './output-designation.ts';
import { type ResponseHandler } from './response-handler.ts';

/** Where an executor of an instance comes from. */
export type ExecutorOrigin = 'definition' | 'factory' | 'instance';

/** One executor of a graph. */
export interface ExecutorNode {
  readonly id: string;
  /** Place in the order in which the builder heard of the executors; the start executor is 0. */
  readonly index: number;
  readonly origin: ExecutorOrigin;
  /** Makes the executor of one workflow instance; gives the same object each time where the origin is `instance`. */
  readonly create: () => Executor;
  /** Whether instances may share the executor. */
  readonly isStateless: boolean;
  readonly handlers: readonly Handler[];
  readonly responseHandlers: readonly ResponseHandler[];
  readonly sends?: readonly Matcher[] | undefined;
  readonly yields?: StandardSchema | undefined;
  readonly emits?: readonly EventType[] | undefined;
  /** The shape of the sub-workflow that the executor runs, where it runs one. */
  readonly innerLines?: readonly string[] | undefined;
}

/** What a workflow is made of; frozen data that validation, pictures and the runner read. */
export interface WorkflowGraph {
  readonly name: string;
  readonly description: string;
  readonly startId: string;
  /** By id, in declared order. */
  readonly executors: ReadonlyMap<string, ExecutorNode>;
  /** In declared order. */
  readonly edgeGroups: readonly EdgeGroup[];
  /** The groups that carry an executor's messages, with their place in `edgeGroups`. */
  readonly groupsBySource: ReadonlyMap<string, readonly OutgoingGroup[]>;
  readonly designation: OutputDesignation;
  readonly sharedKeys: SharedKeys;
}

/** An edge group seen from one of its sources. */
export interface OutgoingGroup {
  readonly group: EdgeGroup;
  readonly index: number;
}

/** Everything but what is derived. */
export type WorkflowGraphParts = Omit<WorkflowGraph, 'groupsBySource'>;

/** Freezes the parts into a graph. */
export function createWorkflowGraph(parts: WorkflowGraphParts): WorkflowGraph {
  const groupsBySource = new Map<string, OutgoingGroup[]>();
  for (const [index, group] of parts.edgeGroups.entries()) {
    for (const source of sourcesOf(group)) {
      const outgoing = groupsBySource.get(source) ?? [];
      outgoing.push({ group, index });
      groupsBySource.set(source, outgoing);
    }
  }
  for (const group of parts.edgeGroups) freezeGroup(group);
  return Object.freeze({
    ...parts,
    edgeGroups: Object.freeze([...parts.edgeGroups]),
    groupsBySource,
  });
}

/** Selections are handed a group's own list of targets, so it must not change. */
function freezeGroup(group: EdgeGroup): void {
  for (const part of Object.values(group)) if (Array.isArray(part)) Object.freeze(part);
  Object.freeze(group);
}
