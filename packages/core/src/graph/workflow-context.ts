import { type AnyCustomEvent } from '../events/workflow-event.ts';
import { type Usage } from '../messages/usage.ts';
import { type Tagged } from '../schema/tagged.ts';
import { type RequestType } from './request-type.ts';

/**
 * Values that all executors of a workflow see.
 *
 * Reads give what was committed when the superstep began, and one's own writes over it; writes are committed when
 * the superstep ends well. A stored value is immutable: write a new one instead of changing it.
 */
export interface SharedStateView {
  get(key: string): unknown;
  has(key: string): boolean;
  /** Writes a value; where the key has a reducer, the value is folded into the present one. */
  set(key: string, value: unknown): void;
  /** Removes a key; a key with a reducer starts again from its initial value. */
  delete(key: string): void;
}

/** Why a run came to its end. */
export interface StopReason {
  /** Such as `completed`, `maxRounds`, `until`. */
  readonly code: string;
  readonly detail?: string;
}

/** What a handler is given; valid until the handler has ended, and silently without effect after it. */
export interface WorkflowContext<TSends = unknown, TYields = unknown, TState = undefined> {
  readonly executorId: string;
  /** Who sent the message: one id, or all sources of a fan-in; empty for the run's input. */
  readonly sourceIds: readonly string[];
  readonly runId: string;
  readonly superstep: number;
  /** The executor's own state, made by its `state` function. */
  readonly state: TState;
  readonly shared: SharedStateView;
  /** Aborted when the run is cancelled or another executor fails. */
  readonly signal: AbortSignal;
  /** Whether somebody may be reading the run's events as they come. */
  readonly streaming: boolean;
  /** What the caller passed as `runContext`; never stored. */
  readonly runContext: unknown;
  /**
   * The same for the same message whenever its superstep is run again, as after a crash; pass it to services, so that
   * they do once what is asked twice.
   */
  readonly idempotencyKey: string;
  /** Sends a message along the executor's edges, or only to `target`; it arrives in the next superstep. */
  send(this: void, message: TSends, options?: { readonly target?: string | undefined }): void;
  /** Gives a value to the caller. */
  yield(this: void, value: TYields): void;
  /**
   * Asks the outside and goes on; the answer comes to the executor's `onResponse`, in a later superstep.
   *
   * Returns the request's id.
   *
   * @param options.id - Names the request; made up without it, the same whenever its superstep is run again.
   * @throws {ConfigurationError} `request/no-handler`, `request/repeated-id`, `schema/invalid-payload`.
   */
  request<TRequest>(
    this: void,
    type: RequestType<TRequest>,
    data: TRequest,
    options?: { readonly id?: string | undefined },
  ): string;
  /**
   * Whether a request waits for its answer, or is being answered now.
   *
   * One that was made in a superstep that failed, or was cancelled, does not: it may be made again, with the same id.
   */
  hasRequest(this: void, id: string): boolean;
  /** Tells the caller of something that happened. */
  emit(this: void, event: Tagged<string> & AnyCustomEvent): void;
  /** Adds tokens to the run's usage. */
  reportUsage(this: void, usage: Usage): void;
  /** Says why the run is about to end; the last word counts. */
  setStopReason(this: void, reason: StopReason): void;
}
