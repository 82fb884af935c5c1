import { type Tagged } from '../schema/tagged.ts';
import { type BuiltInEvent, type WorkflowEvent } from '../events/workflow-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type Executor } from '../graph/executor.ts';
import { type StepJournal } from '../graph/step-journal.ts';
import { type StopReason } from '../graph/workflow-context.ts';
import { type Usage } from '../messages/usage.ts';
import { type SharedKeys, type SharedWrite } from '../state/shared-state.ts';
import { type Envelope } from './envelope.ts';
import { type Delivery } from './superstep-plan.ts';

/** What an invocation may tell while it runs; a host that wants no events passes a silent one. */
export interface InvocationSink {
  /** Whether anybody may hear it. */
  readonly isListening: boolean;
  readonly emit: (event: BuiltInEvent | (Tagged<string> & { readonly executorId: string })) => void;
  /** Tells an event of the sub-workflow that an executor runs. */
  readonly forward: (event: WorkflowEvent, executorId: string) => void;
  /** Tells of a new request. */
  readonly announce: (request: PendingRequest) => void;
  /** Tells of a value as an output or intermediate output, if it is one. */
  readonly tellYield: (executorId: string, data: unknown) => void;
}

/** Everything that one executor needs for its part of one superstep. */
export interface ExecutorCall {
  readonly runId: string;
  /** Counted from the run's beginning, over resumes. */
  readonly superstep: number;
  /** What names the superstep for good: the conversation, the branch and the step, the same when it is run again. */
  readonly scope: string;
  /** The requests that wait since before the superstep. */
  readonly pending: ReadonlyMap<string, PendingRequest>;
  readonly executor: Executor;
  readonly deliveries: readonly Delivery[];
  /** The values committed when the superstep began. */
  readonly shared: ReadonlyMap<string, unknown>;
  readonly sharedKeys: SharedKeys;
  readonly signal: AbortSignal;
  readonly streaming: boolean;
  readonly runContext: unknown;
  readonly sink: InvocationSink;
  /** Where the steps of its handlers are kept, by the message's position; `undefined` where there is no store. */
  readonly journalFor: ((position: number) => StepJournal) | undefined;
}

/** A value that an executor yielded. */
export interface YieldedValue {
  readonly executorId: string;
  readonly data: unknown;
}

/** What one executor's part of one superstep came to. */
export interface ExecutorResult {
  readonly executorId: string;
  /** What it sent, in order. */
  readonly messages: readonly Envelope[];
  /** What it yielded, in order. */
  readonly yields: readonly YieldedValue[];
  readonly sharedWrites: readonly SharedWrite[];
  /** What it asked, in order. */
  readonly requests: readonly PendingRequest[];
  readonly usage: Usage | undefined;
  readonly stopReason: StopReason | undefined;
  /** Set where not all was done: a handler threw, or, with `isAbort`, the run was aborted. */
  readonly failure: { readonly error: unknown; readonly isAbort: boolean } | undefined;
}
