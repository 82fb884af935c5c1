import { ConfigurationError } from '../errors/configuration-error.ts';
import { ProgramChangedError } from '../errors/program-errors.ts';
import { type RequestType } from '../graph/request-type.ts';
import { type StepJournal } from '../graph/step-journal.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import { systemClock } from '../primitives/clock.ts';
import { deepFreeze } from '../primitives/deep-freeze.ts';
import { describeValue } from '../primitives/json.ts';
import { createRequestId } from '../requests/request-id.ts';
import { type Program, type ProgramContext, type StepContext } from './program-context.ts';
import { type JournalEntry, type ProgramJournal } from './program-journal.ts';

/** What one pass of a program works with. */
export interface ProgramRunOptions {
  readonly workflowName: string;
  readonly program: Program;
  /** Names this course of the program for good. */
  readonly key: string;
  readonly journal: ProgramJournal;
  /** The handler's; `undefined` to replay only, which does and asks nothing new. */
  readonly context: WorkflowContext | undefined;
  /** Keeps finished steps in case of a crash. */
  readonly steps: StepJournal | undefined;
  /** Hears which type each request has, before it is asked. */
  readonly onRequestType: (requestId: string, type: RequestType) => void;
}

/** How a pass ended: with a value, or waiting for answers. */
export type ProgramEnd =
  | { readonly isDone: true; readonly value: unknown }
  | { readonly isDone: false };

const NEVER_ABORTED = new AbortController().signal;

/**
 * One pass of a program, from its beginning to its end or to where it waits for answers.
 *
 * What the journal knows is not done again, so the program comes to where it stood and goes on. It waits when nothing
 * but answers can bring it on: no step is at work, and a turn of the event loop has passed without a sign of it.
 *
 * Owns the entries of the pass.
 *
 * Invariants:
 * - J1: a step is done once for each id, and what it came to is kept before the program goes on.
 * - J2: once the pass has ended nothing that the program still does has an effect.
 * - J3: a pass that does not come by everything in the journal is no replay of it.
 */
export class ProgramRun implements ProgramContext {
  readonly #options: ProgramRunOptions;
  readonly #entries: Map<string, JournalEntry>;
  readonly #visited = new Set<string>();
  readonly #suspended = Promise.withResolvers<ProgramEnd>();
  #atWork = 0;
  #waiting = 0;
  /** Counts the signs of life. */
  #signs = 0;
  #isWatched = false;
  #isOver = false;

  constructor(options: ProgramRunOptions) {
    this.#options = options;
    this.#entries = new Map(options.journal.entries);
  }

  get signal(): AbortSignal {
    return this.#options.context?.signal ?? NEVER_ABORTED;
  }

  get runContext(): unknown {
    return this.#options.context?.runContext;
  }

  /** Everything that was done, this pass included. */
  get journal(): ProgramJournal {
    return { input: this.#options.journal.input, entries: new Map(this.#entries) };
  }

  /** Rejects with what the program throws, or with `ProgramChangedError`. */
  async run(): Promise<ProgramEnd> {
    const { program, journal } = this.#options;
    try {
      const end = await Promise.race([this.#call(program, journal.input), this.#suspended.promise]);
      this.#assertReplayed();
      return end;
    } finally {
      // J2
      this.#isOver = true;
    }
  }

  readonly step: ProgramContext['step'] = async <TResult>(
    id: string,
    work: (context: StepContext) => TResult | Promise<TResult>,
  ): Promise<TResult> => {
    const known = this.#visit(id, 'step');
    const { context } = this.#options;
    if (this.#isOver || (known === undefined && context === undefined)) return this.#wait();
    if (known?.kind === 'step') {
      if ('error' in known.outcome) throw known.outcome.error;
      // What is journaled under the id is what this very step came to.
      return known.outcome.value as TResult;
    }
    return this.#perform(id, work);
  };

  readonly request: ProgramContext['request'] = async <TRequest, TResponse>(
    type: RequestType<TRequest, TResponse>,
    data: TRequest,
    { id = type.tag }: { readonly id?: string | undefined } = {},
  ): Promise<TResponse> => {
    const known = this.#visit(id, 'request');
    const { context, key, onRequestType } = this.#options;
    const requestId = createRequestId(key, id);
    onRequestType(requestId, type);
    if (this.#isOver) return this.#wait();
    if (known?.kind === 'request') {
      if (known.type !== type.tag)
        throw this.#changed(`asks "${type.tag}" as "${id}", where it asked "${known.type}"`, id);
      // The answer was validated by this type's schema.
      return known.answer === undefined ? this.#wait() : (known.answer.value as TResponse);
    }
    context?.request(type, data, { id: requestId });
    if (context !== undefined)
      this.#entries.set(id, { kind: 'request', type: type.tag, requestId });
    return this.#wait();
  };

  async #call(program: Program, input: unknown): Promise<ProgramEnd> {
    // The matcher of the input's handler has given it the type that the program was declared with.
    const value: unknown = await program(input as never, this);
    return { isDone: true, value };
  }

  /** J1 */
  async #perform<TResult>(
    id: string,
    work: (context: StepContext) => TResult | Promise<TResult>,
  ): Promise<TResult> {
    const { steps } = this.#options;
    this.#atWork += 1;
    try {
      const saved = steps?.find(id);
      // What was saved under the id is what this very step came to.
      const value = deepFreeze(
        saved === undefined ? await work(this.#stepContext(id)) : (saved.value as TResult),
      );
      if (saved === undefined) await steps?.save(id, value);
      this.#entries.set(id, { kind: 'step', outcome: { value } });
      return value;
    } catch (error) {
      this.#entries.set(id, { kind: 'step', outcome: { error } });
      throw error;
    } finally {
      this.#atWork -= 1;
      this.#stir();
    }
  }

  #stepContext(id: string): StepContext {
    const { context, key } = this.#options;
    return {
      signal: this.signal,
      idempotencyKey: `${key}/${id}`,
      emit: (event) => context?.emit(event),
      reportUsage: (usage) => context?.reportUsage(usage),
    };
  }

  /** Notes that the program has come by an id, and gives what is known of it. */
  #visit(id: unknown, kind: JournalEntry['kind']): JournalEntry | undefined {
    this.#stir();
    const { workflowName } = this.#options;
    if (typeof id !== 'string' || id === '') {
      throw new ConfigurationError(
        `Expected a non-empty string as the id of a ${kind} in workflow "${workflowName}", got ${describeValue(id)}.`,
        { code: 'workflow/invalid-step' },
      );
    }
    if (this.#visited.has(id)) {
      throw new ConfigurationError(
        `Expected every step and request in workflow "${workflowName}" to have an id of its own, got "${id}" twice. In a loop, put the count into the id; for a second request of one type, pass { id }.`,
        { code: 'workflow/repeated-step' },
      );
    }
    this.#visited.add(id);
    const known = this.#entries.get(id);
    if (known === undefined || known.kind === kind) return known;
    throw this.#changed(`does a ${kind} as "${id}", which was a ${known.kind}`, id);
  }

  /** Never resolves: the pass ends here, or goes on elsewhere. */
  #wait<T>(): Promise<T> {
    this.#waiting += 1;
    this.#stir();
    return new Promise<T>(() => {});
  }

  /** A sign of life: whether the program only waits is looked at after it. */
  #stir(): void {
    this.#signs += 1;
    if (!this.#isWatched && this.#onlyWaits) this.#watch();
  }

  get #onlyWaits(): boolean {
    return this.#waiting > 0 && this.#atWork === 0 && !this.#isOver;
  }

  #watch(): void {
    this.#isWatched = true;
    const signs = this.#signs;
    systemClock.schedule(() => {
      this.#isWatched = false;
      if (!this.#onlyWaits) return;
      if (signs === this.#signs) this.#suspended.resolve({ isDone: false });
      else this.#watch();
    }, 0);
  }

  /** J3 */
  #assertReplayed(): void {
    const { journal, steps } = this.#options;
    const missed = [...journal.entries.keys(), ...(steps?.ids ?? [])].filter(
      (id) => !this.#visited.has(id),
    );
    if (missed.length === 0) return;
    throw this.#changed(
      `did not come by ${missed.map((id) => `"${id}"`).join(', ')} again`,
      ...missed,
    );
  }

  #changed(problem: string, ...ids: readonly string[]): ProgramChangedError {
    return new ProgramChangedError(this.#options.workflowName, problem, ids);
  }
}
