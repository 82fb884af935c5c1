import { type RunState } from '@colloquy/core';

import { type TraceEvent } from './trace-event.ts';
import { type TraceProblem, type TraceRule } from './trace-problem.ts';

/** The events of one run, without those of the runs within it. */
export interface TraceSegment {
  /** The sub-workflows it is in, outermost first; empty for the run itself. */
  readonly path: readonly string[];
  readonly events: readonly TraceEvent[];
}

/** Takes apart the events of a run and of the runs within it; each begins with `started`. */
export function segmentsOf(events: readonly TraceEvent[]): readonly TraceSegment[] {
  const segments: { path: readonly string[]; events: TraceEvent[] }[] = [];
  const last = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const path = event.path ?? NO_PATH;
    const key = path.length === 0 ? '' : JSON.stringify(path);
    const isFirst = event.type === 'started' && path.length > 0;
    let own = isFirst ? undefined : last.get(key);
    if (own === undefined) {
      own = [];
      last.set(key, own);
      segments.push({ path, events: own });
    }
    own.push(event);
  }
  return segments;
}

const NO_PATH: readonly string[] = [];

const END_STATES: ReadonlySet<RunState> = new Set<RunState>([
  'idle',
  'idle_with_pending_requests',
  'failed',
  'cancelled',
]);

/** The state that a run has ended in; `undefined` where its events do not tell. */
export function endStateOf(events: readonly TraceEvent[]): RunState | undefined {
  const states = events.flatMap((event) => (event.type === 'status' ? [event.state] : []));
  return states.findLast((state) => END_STATES.has(state));
}

/** What is known to have happened up to an event. */
interface Progress {
  superstep: number | undefined;
  lastSuperstep: number | undefined;
  hasEnded: boolean;
  hasAsked: boolean;
  /** Executors that were invoked and have neither completed nor failed. */
  readonly atWork: Set<string>;
}

/** Everything that is wrong with the events of one run. */
export function segmentProblems({ path, events }: TraceSegment): TraceProblem[] {
  const checker = new SegmentChecker(path);
  for (const event of events) checker.take(event);
  return [...checker.problems, ...checker.finish(events)];
}

/** Owns what is known of one run's events so far. */
class SegmentChecker {
  readonly problems: TraceProblem[] = [];
  readonly #where: string;
  readonly #isNested: boolean;
  readonly #progress: Progress = {
    superstep: undefined,
    lastSuperstep: undefined,
    hasEnded: false,
    hasAsked: false,
    atWork: new Set(),
  };
  #count = 0;

  constructor(path: readonly string[]) {
    this.#isNested = path.length > 0;
    this.#where = this.#isNested ? ` in ${path.join('/')}` : '';
  }

  take(event: TraceEvent): void {
    this.#count += 1;
    this.#assert(!this.#progress.hasEnded, 'end', event, 'nothing comes after the end');
    if (this.#count === 1)
      this.#assert(event.type === 'started', 'beginning', event, 'the first event is started');
    else this.#assert(event.type !== 'started', 'beginning', event, 'a run starts once');
    this.#takeSuperstep(event);
    this.#takeExecutor(event);
    if (event.type === 'request_info') this.#progress.hasAsked = true;
    if (event.type === 'status') this.#takeStatus(event, event.state);
  }

  /** What can only be said at the end. */
  finish(events: readonly TraceEvent[]): TraceProblem[] {
    const state = endStateOf(events);
    if (state === undefined) return [this.#problem('end', 'the run has no end')];
    const isFailed = state === 'failed';
    const failures = events.filter(({ type }) => type === 'failed').length;
    if (failures !== (isFailed ? 1 : 0))
      return [
        this.#problem('end', `a run that is ${state} tells ${failures} times that it failed`),
      ];
    if (isFailed || state === 'cancelled') return [];
    const open = this.#progress.superstep;
    if (open === undefined) return [];
    return [
      this.#problem('superstep', `superstep ${open} is not completed, and the run is ${state}`),
    ];
  }

  #takeStatus(event: TraceEvent, state: RunState): void {
    if (this.#count === 2)
      this.#assert(state === 'in_progress', 'beginning', event, 'a run begins in progress');
    if (state === 'in_progress_pending_requests' && !this.#isNested)
      this.#assert(
        this.#progress.hasAsked,
        'request',
        event,
        'a state of waiting follows a request',
      );
    this.#progress.hasEnded = END_STATES.has(state);
  }

  #takeSuperstep(event: TraceEvent): void {
    if (event.type === 'superstep_started') this.#beginSuperstep(event, event.superstep);
    if (event.type === 'superstep_completed') this.#endSuperstep(event, event.superstep);
  }

  #beginSuperstep(event: TraceEvent, superstep: number): void {
    const progress = this.#progress;
    const { superstep: open, lastSuperstep: last } = progress;
    const claim = (): string =>
      `superstep ${superstep} follows the one before it, which has been completed`;
    const isNext = last === undefined || superstep === last + 1;
    this.#assert(open === undefined && isNext, 'superstep', event, claim);
    progress.superstep = superstep;
    progress.lastSuperstep = superstep;
  }

  #endSuperstep(event: TraceEvent, superstep: number): void {
    const { superstep: open, atWork } = this.#progress;
    this.#assert(open === superstep, 'superstep', event, () => `superstep ${superstep} has begun`);
    const claim = (): string =>
      `whoever was invoked has completed or failed, but not ${[...atWork].join(', ')}`;
    this.#assert(atWork.size === 0, 'invocation', event, claim);
    this.#progress.superstep = undefined;
  }

  #takeExecutor(event: TraceEvent): void {
    const { atWork } = this.#progress;
    switch (event.type) {
      case 'executor_invoked': {
        const { executorId: id } = event;
        this.#assertWithinSuperstep(event);
        const claim = (): string => `"${id}" handles one message at a time`;
        this.#assert(!atWork.has(id), 'invocation', event, claim);
        atWork.add(id);
        return;
      }
      case 'executor_completed':
      case 'executor_failed': {
        const { executorId: id } = event;
        this.#assertWithinSuperstep(event);
        this.#assert(atWork.delete(id), 'invocation', event, () => `"${id}" was invoked`);
        return;
      }
      case 'executor_bypassed':
        this.#assertWithinSuperstep(event);
        return;
      case 'custom': {
        const claim = (): string =>
          `"${event.executorId}" tells of "${event.name}" while it is at work`;
        this.#assert(atWork.has(event.executorId), 'invocation', event, claim);
        return;
      }
      default:
    }
  }

  #assertWithinSuperstep(event: TraceEvent): void {
    const isWithin = this.#progress.superstep !== undefined;
    this.#assert(isWithin, 'superstep', event, () => `${event.type} is within a superstep`);
  }

  #assert(
    holds: boolean,
    rule: TraceRule,
    { seq, type }: TraceEvent,
    claim: string | (() => string),
  ): void {
    if (holds) return;
    const expected = typeof claim === 'string' ? claim : claim();
    this.problems.push({ ...this.#problem(rule, `expected that ${expected}; got ${type}`), seq });
  }

  #problem(rule: TraceRule, message: string): TraceProblem {
    return { rule, message: `${message}${this.#where}` };
  }
}
