import { ConfigurationError } from '../errors/configuration-error.ts';
import { type EventType } from '../events/custom-event.ts';
import { type OutputOf, type StandardSchema } from '../schema/standard-schema.ts';
import { assertExecutorId, Executor } from './executor.ts';
import {
  createCatchAllHandler,
  createHandler,
  findRepeatedMatchers,
  type Handler,
  type HandlerFunction,
} from './handler.ts';
import { type AcceptedBy, describeMatcher, type MatchedBy, type Matcher } from './matcher.ts';
import { type RequestType } from './request-type.ts';
import {
  createResponseHandler,
  findRepeatedResponses,
  type ResponseHandler,
} from './response-handler.ts';
import { type WorkflowContext } from './workflow-context.ts';

/** What an executor declares beside its handlers. */
export interface ExecutorOptions {
  /** Makes a fresh state; called for every workflow instance and at every reset. */
  readonly state?: () => unknown;
  /** What it sends; then the compiler checks `ctx.send`, and the build checks the edges. */
  readonly sends?: readonly Matcher[];
  /** What it yields; then `ctx.yield` and the workflow's outputs are typed. */
  readonly yields?: StandardSchema;
  /** The events it emits beside the engine's; then the workflow's stream narrows to them. */
  readonly emits?: readonly EventType[];
}

/** The context that options give to handlers. */
export type ContextOf<TOptions> = WorkflowContext<
  TOptions extends { readonly sends: readonly (infer TSent)[] } ? AcceptedBy<TSent> : unknown,
  TOptions extends { readonly yields: infer TSchema extends StandardSchema }
    ? OutputOf<TSchema>
    : unknown,
  TOptions extends { readonly state: () => infer TState } ? TState : undefined
>;

/** The context that options give to response handlers. */
export type ResponseContextOf<TOptions> = ContextOf<TOptions> & { readonly requestId: string };

/**
 * An executor as an immutable definition: every `.on` returns a new one, so what it accepts is part of its type.
 *
 * A workflow instance makes its own executor from it, with fresh state; reset and fork need nothing else.
 */
export class ExecutorDefinition<
  TAccepted = never,
  TOptions extends ExecutorOptions = ExecutorOptions,
> {
  readonly id: string;
  readonly options: TOptions;
  readonly handlers: readonly Handler[];
  readonly responseHandlers: readonly ResponseHandler[];
  /** Never set: carries the type. */
  declare readonly '~accepted'?: TAccepted;

  constructor(
    id: string,
    options: TOptions,
    handlers: readonly Handler[],
    responseHandlers: readonly ResponseHandler[] = [],
  ) {
    assertExecutorId(id);
    this.id = id;
    this.options = options;
    this.handlers = handlers;
    this.responseHandlers = responseHandlers;
  }

  /**
   * Adds a handler for one kind of message.
   *
   * @param handler - What it returns, or resolves with, is sent on; `undefined` sends nothing.
   * @throws {ConfigurationError} `executor/repeated-matcher` when an earlier handler takes the very same.
   */
  on<TMatcher extends Matcher>(
    matcher: TMatcher,
    handler: (message: MatchedBy<TMatcher>, context: ContextOf<TOptions>) => unknown,
  ): ExecutorDefinition<TAccepted | AcceptedBy<TMatcher>, TOptions> {
    const handlers = [...this.handlers, createHandler(matcher, handler)];
    const [repeated] = findRepeatedMatchers(handlers);
    if (repeated === undefined)
      return new ExecutorDefinition(this.id, this.options, handlers, this.responseHandlers);
    throw new ConfigurationError(
      `Executor "${this.id}" already handles ${describeMatcher(repeated)}: a second handler for it would never run. Merge the two.`,
      { code: 'executor/repeated-matcher' },
    );
  }

  /**
   * Adds a handler for the answers to one kind of request.
   *
   * @param handler - Gets the validated answer and what was asked; what it returns is sent on.
   * @throws {ConfigurationError} `executor/repeated-matcher` when an earlier handler takes the very same.
   */
  onResponse<TRequest, TResponse>(
    requestType: RequestType<TRequest, TResponse>,
    handler: (
      answer: TResponse,
      request: TRequest,
      context: ResponseContextOf<TOptions>,
    ) => unknown,
  ): ExecutorDefinition<TAccepted, TOptions> {
    const responseHandlers = [
      ...this.responseHandlers,
      createResponseHandler(requestType, handler),
    ];
    const [repeated] = findRepeatedResponses(responseHandlers);
    if (repeated === undefined)
      return new ExecutorDefinition(this.id, this.options, this.handlers, responseHandlers);
    throw new ConfigurationError(
      `Executor "${this.id}" already handles answers to "${repeated}": a second handler for them would never run. Merge the two.`,
      { code: 'executor/repeated-matcher' },
    );
  }

  /** Makes an executor with fresh state for one workflow instance. */
  create(): DefinedExecutor {
    return new DefinedExecutor(this);
  }
}

/** The executor that a workflow instance makes from a definition. */
export class DefinedExecutor extends Executor {
  readonly handlers: readonly Handler[];
  override readonly responseHandlers: readonly ResponseHandler[];
  #state: unknown;

  constructor(definition: ExecutorDefinition<unknown>) {
    super(definition.id);
    this.handlers = definition.handlers;
    this.responseHandlers = definition.responseHandlers;
    this.#state = definition.options.state?.();
  }

  /** What handlers see as `ctx.state`. */
  get state(): unknown {
    return this.#state;
  }

  override onCheckpointSave(): unknown {
    return this.#state;
  }

  override onCheckpointRestore(state: unknown): void {
    this.#state = state;
  }
}

/**
 * Defines an executor: `(id, handler)` takes every message, `(id, options?)` is followed by `.on` for each kind.
 *
 * @throws {ConfigurationError} `executor/empty-id`.
 */
export function defineExecutor<TMessage>(
  id: string,
  handler: (message: TMessage, context: WorkflowContext) => unknown,
): ExecutorDefinition<TMessage, NoExecutorOptions>;
export function defineExecutor<const TOptions extends ExecutorOptions = NoExecutorOptions>(
  id: string,
  options?: TOptions,
): ExecutorDefinition<never, TOptions>;
export function defineExecutor(
  id: string,
  handlerOrOptions: HandlerFunction | ExecutorOptions = {},
): ExecutorDefinition<unknown> {
  return typeof handlerOrOptions === 'function'
    ? new ExecutorDefinition(id, {}, [createCatchAllHandler(handlerOrOptions)])
    : new ExecutorDefinition(id, handlerOrOptions, []);
}

/** Options that declare nothing. */
export type NoExecutorOptions = Readonly<Record<never, never>>;
