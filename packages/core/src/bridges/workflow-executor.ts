import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { InvalidResponseError, UnknownRequestError } from '../errors/request-errors.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type AskedRequest, Executor } from '../graph/executor.ts';
import { describeGraph } from '../graph/graph-signature.ts';
import { type Handler, on } from '../graph/handler.ts';
import { NO_MATCH } from '../graph/matcher.ts';
import { isNestingContext, type NestingContext } from '../graph/nesting-context.ts';
import { type ResponseContext, type ResponseHandler } from '../graph/response-handler.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { describeIssues } from '../schema/standard-schema.ts';
import { validateSync } from '../schema/tagged.ts';
import { type NestedStart, type RunnableWorkflow } from '../runtime/runnable-workflow.ts';
import { SubWorkflowQuestion, SubWorkflowResponse } from './sub-workflow-protocol.ts';

/** How a workflow becomes an executor. */
export interface SubWorkflowOptions {
  readonly id: string;
  /** Who answers its requests: the caller of the parent (default), or an executor of the parent. */
  readonly requests?: 'surface' | 'parent' | undefined;
  /** What becomes of its outputs: they are sent on (default), or are yielded by the parent. */
  readonly outputs?: 'send' | 'yield' | undefined;
  /** Whether every message gets a run of its own (default), or all of them go on with one conversation. */
  readonly isolation?: 'perMessage' | 'shared' | undefined;
}

const SHARED = 'shared';

/** A request of a fork. */
interface InnerRequest {
  /** Which fork. */
  readonly key: string;
  readonly type: string;
  /** Who asked, from the fork's executors down. */
  readonly path: readonly string[];
}

/**
 * A workflow as an executor: runs a fork of it for what it is sent.
 *
 * Owns the forks that wait for answers, or, where they share a conversation, the one that all messages go to.
 *
 * Invariants:
 * - N1: a request belongs to one fork, which alone gets the answer.
 * - N2: a fork that waits for nothing is let go, unless it is shared.
 *
 * As Python `WorkflowExecutor`. Differs from Python: messages do not share a run unless asked to, and inner events are
 * told as they come, with their path.
 */
export class WorkflowExecutor<TInput = unknown> extends Executor {
  readonly handlers: readonly Handler<TInput | SubWorkflowResponse>[];
  override readonly innerLines: readonly string[];
  readonly #template: RunnableWorkflow<TInput>;
  readonly #options: SubWorkflowOptions;
  readonly #children = new Map<string, RunnableWorkflow<TInput>>();
  /** The requests that wait, by id. */
  readonly #asked = new Map<string, InnerRequest>();

  constructor(inner: RunnableWorkflow<TInput>, options: SubWorkflowOptions) {
    super(options.id);
    // A fork of its own, so that running the inner workflow elsewhere changes nothing here.
    this.#template = inner.fork();
    this.#options = options;
    this.innerLines = describeGraph(inner.graph);
    const taken = inner.graph.executors.get(inner.graph.startId)?.handlers ?? [];
    this.handlers = [
      on(SubWorkflowResponse, ({ requestId, answer }, context) =>
        this.#onAnswer(requestId, answer, context),
      ),
      // The inner start may run a workflow too; answers are for the executor that they are sent to.
      ...taken
        .filter(({ matcher }) => matcher !== SubWorkflowResponse)
        .map(({ matcher, match }): Handler<TInput> => ({
          matcher,
          // The message itself goes in: what a schema makes of it is made where it is handled.
          match: (message) => (match(message) === NO_MATCH ? NO_MATCH : message),
          handle: (message: unknown, context: WorkflowContext) => this.#onInput(message, context),
        })),
    ];
  }

  /** Resets the forks that are at work and lets them go. */
  override async reset(): Promise<void> {
    for (const child of this.#children.values()) await child.resetForNewRun();
    this.#children.clear();
    this.#asked.clear();
  }

  override async onCheckpointSave(): Promise<SavedForks> {
    const children = new Map<string, unknown>();
    for (const [key, child] of this.#children) children.set(key, await child.saveNested());
    return { children, asked: new Map(this.#asked) };
  }

  override async onCheckpointRestore(saved: unknown): Promise<void> {
    const { children, asked } = parseSavedForks(saved);
    this.#children.clear();
    this.#asked.clear();
    for (const [key, snapshot] of children) {
      const child = this.#template.fork();
      await child.restoreNested(snapshot);
      this.#children.set(key, child);
    }
    for (const [id, request] of asked) this.#asked.set(id, request);
  }

  override findResponseHandler(request: AskedRequest): ResponseHandler | undefined {
    const [, ...path] = request.path ?? [];
    // A program knows its own requests only, so who asked is told first.
    const asker = this.#childOf(request.id)?.child ?? this.#template;
    const inner = asker.findResponseHandler({ ...request, path });
    if (inner === undefined) return undefined;
    return {
      requestType: inner.requestType,
      handle: (answer: unknown, _asked: unknown, context: ResponseContext) =>
        this.#goOn(context.requestId, answer, context),
    };
  }

  async #onInput(input: unknown, context: WorkflowContext): Promise<void> {
    const key = this.#options.isolation === 'shared' ? SHARED : context.idempotencyKey;
    const child = this.#children.get(key) ?? this.#template.fork();
    await this.#run(key, child, { input }, context);
  }

  /** An answer that an executor of the parent gave; the sub-workflow's own schema judges it. */
  async #onAnswer(requestId: string, answer: unknown, context: WorkflowContext): Promise<void> {
    const asked = this.#asked.get(requestId);
    if (asked === undefined) throw new UnknownRequestError(requestId, [...this.#asked.keys()]);
    const asker = this.#childOf(requestId)?.child ?? this.#template;
    const handler = asker.findResponseHandler({ id: requestId, ...asked });
    const result = handler && validateSync(handler.requestType.response, answer, 'an answer');
    if (result === undefined || result.issues !== undefined) {
      const problem = result === undefined ? 'nobody handles it' : describeIssues(result.issues);
      throw new InvalidResponseError(
        `Expected an answer that fits request "${asked.type}" of "${this.id}", got ${describeValue(answer)}: ${problem}.`,
        [requestId],
      );
    }
    await this.#goOn(requestId, result.value, context);
  }

  async #goOn(requestId: string, answer: unknown, context: WorkflowContext): Promise<void> {
    const waiting = this.#childOf(requestId);
    if (waiting === undefined) return;
    await this.#run(waiting.key, waiting.child, { requestId, answer }, context);
    this.#asked.delete(requestId);
  }

  #childOf(
    requestId: string,
  ): { readonly key: string; readonly child: RunnableWorkflow<TInput> } | undefined {
    const key = this.#asked.get(requestId)?.key;
    const child = key === undefined ? undefined : this.#children.get(key);
    return key === undefined || child === undefined ? undefined : { key, child };
  }

  async #run(
    key: string,
    child: RunnableWorkflow<TInput>,
    start: NestedStart,
    context: WorkflowContext,
  ): Promise<void> {
    const { idempotencyKey: scope, signal, runContext, streaming } = context;
    const nesting = isNestingContext(context) ? context : undefined;
    const onEvent = streaming ? nesting?.forwardEvent : undefined;
    const end = await child.runNested(start, { scope, signal, runContext, onEvent });
    context.reportUsage(end.usage);
    for (const output of end.outputs) {
      if (this.#options.outputs === 'yield') context.yield(output);
      else context.send(output);
    }
    // N2
    if (end.pendingRequests.length > 0 || key === SHARED) this.#children.set(key, child);
    else this.#children.delete(key);
    for (const request of end.pendingRequests) this.#pass(request, key, nesting);
  }

  /** N1: brings a new request to who answers it. */
  #pass(
    request: PendingRequest,
    key: string,
    context: (WorkflowContext & NestingContext) | undefined,
  ): void {
    if (this.#asked.has(request.id) || context === undefined) return;
    const path = request.path ?? [request.executorId];
    this.#asked.set(request.id, { key, type: request.type, path });
    if (this.#options.requests === 'parent') {
      const { id: requestId, type: requestType, data } = request;
      context.send(
        SubWorkflowQuestion({ executorId: this.id, requestId, requestType, data, path }),
      );
    } else context.forwardRequest({ ...request, executorId: this.id, path: [this.id, ...path] });
  }
}

/** A checkpoint of a workflow's executor. */
interface SavedForks {
  /** What each fork that is kept has saved, by its key. */
  readonly children: ReadonlyMap<string, unknown>;
  readonly asked: ReadonlyMap<string, InnerRequest>;
}

/** @throws {CheckpointDecodeError} when the value is something else; a fork judges its own part. */
function parseSavedForks(value: unknown): SavedForks {
  const { children, asked }: Record<string, unknown> = isRecord(value) ? value : {};
  if (children instanceof Map && asked instanceof Map) return { children, asked };
  throw new CheckpointDecodeError(
    `expected the forks of a sub-workflow, got ${describeValue(value)}`,
  );
}

/**
 * Makes an executor of a workflow, of which it runs forks.
 *
 * @throws {WorkflowForkError} when the workflow cannot be forked.
 */
export function subWorkflow<TInput>(
  inner: RunnableWorkflow<TInput>,
  options: SubWorkflowOptions,
): () => WorkflowExecutor<TInput> {
  return () => new WorkflowExecutor(inner, options);
}
