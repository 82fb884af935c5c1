import {
  type BuiltInEvent,
  type EventStamp,
  type WorkflowEvent,
} from '../events/workflow-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type OutputDesignation } from '../graph/output-designation.ts';
import { type StopReason } from '../graph/workflow-context.ts';
import { addUsage, NO_USAGE, type Usage } from '../messages/usage.ts';
import { AsyncQueue } from '../primitives/async-queue.ts';
import { type Clock } from '../primitives/clock.ts';
import { type IdSource } from '../primitives/ids.ts';
import { type Tagged } from '../schema/tagged.ts';
import { type SuperstepOutcome } from './apply-superstep.ts';
import { type InvocationSink } from './executor-call.ts';
import { RunCancellation } from './run-cancellation.ts';
import { runObserver, type RunObserver } from './run-observer.ts';

/** How a run is recorded. */
export interface RunRecordOptions {
  readonly designation: OutputDesignation;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Whether events are kept for a reader; `run()` needs none. */
  readonly isStreaming: boolean;
  /** Whether payloads are copied into events. */
  readonly snapshotEvents: boolean;
  readonly runContext: unknown;
  /** What names the run's supersteps for good, in place of its thread and branch; a sub-workflow's parent gives it. */
  readonly scope?: string | undefined;
  /** Hears the events instead of a reader. */
  readonly onEvent?: ((event: WorkflowEvent) => void) | undefined;
}

/** What a run has yielded and used so far. */
export interface RunProgress {
  readonly outputs: readonly unknown[];
  readonly intermediates: readonly unknown[];
  readonly usage: Usage;
  readonly stopReason: StopReason | undefined;
}

/**
 * One run while it lasts: its events, and what it has yielded so far.
 *
 * Owns the event queue and everything the result will say; a run's record is never used by another run.
 *
 * Invariants:
 * - E1: `seq` counts 1, 2, 3 … in the order of emission.
 * - E2: after `end` nothing is emitted.
 */
export class RunRecord implements InvocationSink, RunProgress {
  readonly runId: string;
  readonly events: AsyncQueue<WorkflowEvent> = new AsyncQueue();
  readonly cancellation: RunCancellation = new RunCancellation();
  readonly outputs: unknown[] = [];
  readonly intermediates: unknown[] = [];
  readonly designate: OutputDesignation;
  readonly isStreaming: boolean;
  readonly runContext: unknown;
  readonly scope: string | undefined;
  usage: Usage = NO_USAGE;
  stopReason: StopReason | undefined;
  supersteps = 0;
  /** Hears everything, whoever else does. */
  readonly observer: RunObserver | undefined = runObserver();
  readonly #onEvent: ((event: WorkflowEvent) => void) | undefined;
  #hasAsked = false;
  #seq = 0;
  #isListening: boolean;
  readonly #clock: Clock;
  readonly #snapshotEvents: boolean;

  constructor(options: RunRecordOptions) {
    this.runId = options.ids('run');
    this.designate = options.designation;
    this.isStreaming = options.isStreaming;
    this.runContext = options.runContext;
    this.scope = options.scope;
    this.#onEvent = options.onEvent;
    this.#isListening = options.isStreaming;
    this.#clock = options.clock;
    this.#snapshotEvents = options.snapshotEvents;
  }

  /** Whether a request was told of in this run. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /** Whether anybody hears events. */
  get isListening(): boolean {
    return this.#isListening || this.observer !== undefined;
  }

  /** E1: stamps an event and gives it to the reader. */
  emit(event: BuiltInEvent | (Tagged<string> & { readonly executorId: string })): void {
    if (!this.isListening) return;
    this.#seq += 1;
    const stamp: EventStamp = { runId: this.runId, seq: this.#seq, timestamp: this.#clock.now() };
    const payload = this.#snapshotEvents ? snapshotOf(event) : event;
    this.#push({ ...payload, ...stamp });
  }

  /** Tells an event of a sub-workflow; its requests are told once, by the executor that runs it. */
  forward(event: WorkflowEvent, executorId: string): void {
    if (!this.isListening || event.type === 'request_info') return;
    this.#seq += 1;
    const path = [executorId, ...(event.path ?? [])];
    this.#push({ ...event, runId: this.runId, seq: this.#seq, path });
  }

  /** Tells of a request that waits; the first one changes the run's state. */
  announce(request: PendingRequest): void {
    this.emit({ type: 'request_info', request });
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    this.emit({ type: 'status', state: 'in_progress_pending_requests' });
  }

  /** Tells of a value as an output or intermediate output, if it is one. */
  tellYield(executorId: string, data: unknown): void {
    if (!this.isListening) return;
    const type = this.designate(executorId);
    if (type !== 'hidden') this.emit({ type, executorId, data });
  }

  #push(event: WorkflowEvent): void {
    this.observer?.onEvent(event);
    if (!this.#isListening) return;
    if (this.#onEvent === undefined) this.events.push(event);
    else this.#onEvent(event);
  }

  /** Forgets the events that nobody will read, and makes no more of them. */
  stopListening(): void {
    this.#isListening = false;
    this.events.clear();
  }

  /** Takes over what a superstep came to. */
  add(outcome: SuperstepOutcome): void {
    this.supersteps += 1;
    for (const { executorId, data } of outcome.yields) {
      const kind = this.designate(executorId);
      if (kind === 'output') this.outputs.push(data);
      else if (kind === 'intermediate') this.intermediates.push(data);
    }
    if (outcome.usage !== undefined) this.usage = addUsage(this.usage, outcome.usage);
    if (outcome.stopReason !== undefined) this.stopReason = outcome.stopReason;
  }

  /** E2: ends the events and lets go of the caller's signal. */
  end(): void {
    this.#isListening = false;
    this.observer?.onEnd();
    this.events.close();
    this.cancellation.dispose();
  }
}

/** A copy of an event's payload, or the payload itself where it cannot be copied. */
function snapshotOf<TEvent extends object>(event: TEvent): TEvent {
  try {
    return structuredClone(event);
  } catch {
    return event;
  }
}
