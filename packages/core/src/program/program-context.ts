import { type AnyCustomEvent } from '../events/workflow-event.ts';
import { type RequestType } from '../graph/request-type.ts';
import { type Usage } from '../messages/usage.ts';
import { type Tagged } from '../schema/tagged.ts';

/** What the work of a step is given. */
export interface StepContext {
  readonly signal: AbortSignal;
  /**
   * The same whenever the step is run again, as after a crash; pass it to services, so that they do once what is asked
   * twice.
   */
  readonly idempotencyKey: string;
  /** Tells the caller of something that happened. */
  emit(this: void, event: Tagged<string> & AnyCustomEvent): void;
  /** Adds tokens to the run's usage. */
  reportUsage(this: void, usage: Usage): void;
}

/** What a program is given. */
export interface ProgramContext {
  readonly signal: AbortSignal;
  /** What the caller passed as `runContext`; never stored. */
  readonly runContext: unknown;
  /**
   * Does some work once; when the program is replayed, gives what it came to then.
   *
   * Frozen, since the journal keeps it. What the work throws is thrown here, also when replayed; a run that fails with
   * it does the work again when it is resumed. Rejects with a `ConfigurationError` `workflow/repeated-step` for an id
   * used before, `workflow/invalid-step` for one that is no text.
   *
   * @param id - Unique in the program.
   */
  step<TResult>(
    this: void,
    id: string,
    work: (context: StepContext) => TResult | Promise<TResult>,
  ): Promise<TResult>;
  /**
   * Asks the outside; resolves with the answer, in this process or another.
   *
   * Rejects with a `ConfigurationError` `workflow/repeated-step` for an id used before, `workflow/invalid-step` for one
   * that is no text, `schema/invalid-payload` for data that does not fit.
   *
   * @param options.id - Unique in the program; default: the name of the request type.
   */
  request<TRequest, TResponse>(
    this: void,
    type: RequestType<TRequest, TResponse>,
    data: TRequest,
    options?: { readonly id?: string | undefined },
  ): Promise<TResponse>;
}

/** A workflow written as one function; what it returns is the workflow's output. */
export type Program<TInput = never, TOutput = unknown> = (
  input: TInput,
  context: ProgramContext,
) => TOutput | Promise<TOutput>;
