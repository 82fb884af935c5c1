import { StreamAlreadyReadError, WorkflowCancelledError } from '../errors/workflow-errors.ts';
import { type AnyCustomEvent, type WorkflowEvent } from '../events/workflow-event.ts';
import { type RunRecord } from '../runtime/run-record.ts';
import { type WorkflowResult } from './workflow-result.ts';

/**
 * A run that has been started with `workflow.stream`: its events, its result, and the means to cancel it.
 *
 * The run does not wait for a reader: left alone it ends and frees the workflow. Iterating gives every event from
 * `seq` 1, also when begun late, once; it ends with the run, whatever the end was, which `result` tells.
 */
export class WorkflowRun<TOutput = unknown, TEvent extends AnyCustomEvent = AnyCustomEvent>
  implements AsyncIterable<WorkflowEvent<TEvent>>, AsyncDisposable
{
  readonly runId: string;
  /** Resolves with what the run came to; rejects with what ended it. Nobody needs to listen. */
  readonly result: Promise<WorkflowResult<TOutput>>;
  readonly #workflowName: string;
  readonly #record: RunRecord;
  #isRead = false;

  constructor(workflowName: string, record: RunRecord, result: Promise<WorkflowResult<TOutput>>) {
    this.runId = record.runId;
    this.result = result;
    this.#workflowName = workflowName;
    this.#record = record;
    // A failed stream that nobody looks at is no unhandled rejection; who awaits `result` still gets it.
    result.catch(() => {});
  }

  /**
   * Cancels the run and resolves when it has ended; does nothing to one that has.
   *
   * `result` then rejects with a `WorkflowCancelledError` that carries the reason.
   */
  async cancel(reason?: unknown): Promise<void> {
    this.#record.cancellation.abort(
      'cancelled',
      new WorkflowCancelledError(this.#workflowName, reason),
    );
    await this.#ended();
  }

  /** @throws {StreamAlreadyReadError} when the events were asked for before. */
  [Symbol.asyncIterator](): AsyncIterator<WorkflowEvent<TEvent>, undefined> {
    if (this.#isRead) throw new StreamAlreadyReadError();
    this.#isRead = true;
    const { events } = this.#record;
    return {
      next: () => {
        const event = events.tryTake();
        return event === undefined ? this.#nextLater() : Promise.resolve(toStep<TEvent>(event));
      },
      return: async () => {
        this.#record.stopListening();
        await this.cancel('its events were no longer read');
        return { done: true, value: undefined };
      },
    };
  }

  /** Cancels the run at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel('its handle was disposed');
  }

  async #nextLater(): Promise<IteratorResult<WorkflowEvent<TEvent>, undefined>> {
    const event = await this.#record.events.take();
    return event === undefined ? { done: true, value: undefined } : toStep(event);
  }

  async #ended(): Promise<void> {
    await this.result.then(
      () => {},
      () => {},
    );
  }
}

/** The workflow's type says which events its executors emit. */
function toStep<TEvent extends AnyCustomEvent>(
  event: WorkflowEvent,
): IteratorYieldResult<WorkflowEvent<TEvent>> {
  return { done: false, value: event };
}
