import { type PendingRequest } from '../messages/pending-request.ts';
import { type Tagged } from '../schema/tagged.ts';
import { type ErrorDetails } from './error-details.ts';
import { type RunState } from './run-state.ts';

/** Any event that a package or a user defines. */
export type AnyCustomEvent = Tagged<string>;

/** Why a message reached nobody. */
export type DropReason = 'no_handler' | 'unknown_target';

/** What the engine itself tells; told apart by `type`. */
export type BuiltInEvent =
  | { readonly type: 'started' }
  | { readonly type: 'status'; readonly state: RunState }
  | { readonly type: 'failed'; readonly error: ErrorDetails }
  | { readonly type: 'output'; readonly executorId: string; readonly data: unknown }
  | { readonly type: 'intermediate'; readonly executorId: string; readonly data: unknown }
  | { readonly type: 'request_info'; readonly request: PendingRequest }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | { readonly type: 'error'; readonly executorId: string; readonly error: ErrorDetails }
  | { readonly type: 'superstep_started'; readonly superstep: number }
  | { readonly type: 'superstep_completed'; readonly superstep: number }
  | { readonly type: 'executor_invoked'; readonly executorId: string; readonly data: unknown }
  | {
      readonly type: 'executor_completed';
      readonly executorId: string;
      /** What it sent, then what it yielded; null for neither. */
      readonly data: readonly unknown[] | null;
    }
  | { readonly type: 'executor_failed'; readonly executorId: string; readonly error: ErrorDetails }
  | { readonly type: 'executor_bypassed'; readonly executorId: string; readonly data: unknown }
  | { readonly type: 'checkpoint_created'; readonly checkpointId: string }
  | { readonly type: 'checkpoint_failed'; readonly error: ErrorDetails }
  | {
      readonly type: 'message_dropped';
      readonly sourceId: string;
      readonly target?: string;
      readonly reason: DropReason;
      readonly data: unknown;
    };

/** What every event carries. */
export interface EventStamp {
  readonly runId: string;
  /** 1, 2, 3 … within a run. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** The sub-workflows it comes from, outermost first. */
  readonly path?: readonly string[];
}

/** Something that happened in a run: the engine's events and those the workflow's executors declare. */
export type WorkflowEvent<TCustom extends AnyCustomEvent = AnyCustomEvent> = EventStamp &
  (BuiltInEvent | (TCustom & { readonly executorId: string }));

/** Each name once; a record, so that the compiler misses one that is not there. */
const BUILT_IN: Readonly<Record<BuiltInEvent['type'], true>> = {
  started: true,
  status: true,
  failed: true,
  output: true,
  intermediate: true,
  request_info: true,
  warning: true,
  error: true,
  superstep_started: true,
  superstep_completed: true,
  executor_invoked: true,
  executor_completed: true,
  executor_failed: true,
  executor_bypassed: true,
  checkpoint_created: true,
  checkpoint_failed: true,
  message_dropped: true,
};

/** The names of the engine's own events, which `defineEvent` refuses. */
export const BUILT_IN_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(BUILT_IN));
