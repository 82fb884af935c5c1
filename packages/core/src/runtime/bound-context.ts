import { ConfigurationError } from '../errors/configuration-error.ts';
import { BUILT_IN_EVENT_TYPES } from '../events/workflow-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { DefinedExecutor } from '../graph/executor-definition.ts';
import { type NestingContext } from '../graph/nesting-context.ts';
import { type RequestType } from '../graph/request-type.ts';
import { type ResponseContext } from '../graph/response-handler.ts';
import { type JournalingContext, type StepJournal } from '../graph/step-journal.ts';
import { type SharedStateView, type WorkflowContext } from '../graph/workflow-context.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { describeIssues } from '../schema/standard-schema.ts';
import { validateSync } from '../schema/tagged.ts';
import { type StagedSharedState } from '../state/shared-state.ts';
import { type Invocation } from './invocation.ts';
import { type Delivery } from './superstep-plan.ts';

/**
 * The context of one handler for one message.
 *
 * What a handler calls is a function of its own, so that `(message, { send }) => …` works; it is made when it is
 * asked for, since most handlers use one of them.
 */
export class BoundContext
  implements ResponseContext<unknown, unknown, unknown>, NestingContext, JournalingContext
{
  readonly #invocation: Invocation;
  readonly #delivery: Delivery;
  readonly #position: number;
  #shared: SharedStateView | undefined;
  #isClosed = false;

  constructor(invocation: Invocation, delivery: Delivery, position: number) {
    this.#invocation = invocation;
    this.#delivery = delivery;
    this.#position = position;
  }

  get executorId(): string {
    return this.#invocation.call.executor.id;
  }

  get sourceIds(): readonly string[] {
    return this.#delivery.sourceIds;
  }

  get runId(): string {
    return this.#invocation.call.runId;
  }

  get superstep(): number {
    return this.#invocation.call.superstep;
  }

  get state(): unknown {
    const { executor } = this.#invocation.call;
    return executor instanceof DefinedExecutor ? executor.state : undefined;
  }

  get shared(): SharedStateView {
    this.#shared ??= new BoundSharedState(this.#invocation.shared, () => this.#isOpen);
    return this.#shared;
  }

  get signal(): AbortSignal {
    return this.#invocation.call.signal;
  }

  get streaming(): boolean {
    return this.#invocation.call.streaming;
  }

  get runContext(): unknown {
    return this.#invocation.call.runContext;
  }

  get idempotencyKey(): string {
    return `${this.#invocation.call.scope}/${this.executorId}/${this.#position}`;
  }

  /** The request whose answer is being handled; empty for a message. */
  get requestId(): string {
    return this.#delivery.request?.id ?? '';
  }

  get send(): WorkflowContext['send'] {
    return (message, options) => {
      if (this.#isOpen) this.#invocation.send(message, options?.target);
    };
  }

  get yield(): WorkflowContext['yield'] {
    return (value) => {
      if (this.#isOpen) this.#invocation.yield(value);
    };
  }

  get request(): WorkflowContext['request'] {
    return (type, data, options) => {
      const asked = describeRequest(this.executorId, type, data);
      return this.#isOpen ? this.#invocation.request(asked, options?.id) : (options?.id ?? '');
    };
  }

  get hasRequest(): WorkflowContext['hasRequest'] {
    return (id) => this.#invocation.hasRequest(id);
  }

  get forwardRequest(): NestingContext['forwardRequest'] {
    return (request) => {
      if (this.#isOpen) this.#invocation.request(request, request.id);
    };
  }

  get forwardEvent(): NestingContext['forwardEvent'] {
    return (event) => {
      if (this.#isOpen) this.#invocation.call.sink.forward(event, this.executorId);
    };
  }

  get journal(): StepJournal | undefined {
    return this.#invocation.call.journalFor?.(this.#position);
  }

  get emit(): WorkflowContext['emit'] {
    return (event) => {
      assertCustomEvent(event);
      const { sink } = this.#invocation.call;
      if (this.#isOpen && sink.isListening) sink.emit({ ...event, executorId: this.executorId });
    };
  }

  get reportUsage(): WorkflowContext['reportUsage'] {
    return (usage) => {
      if (this.#isOpen) this.#invocation.reportUsage(usage);
    };
  }

  get setStopReason(): WorkflowContext['setStopReason'] {
    return (reason) => {
      if (this.#isOpen) this.#invocation.setStopReason(reason);
    };
  }

  /** Ends the context; its handler has ended. */
  close(): void {
    this.#isClosed = true;
  }

  get #isOpen(): boolean {
    return !this.#isClosed && !this.#invocation.isClosed;
  }
}

/**
 * A request as its event will show it, but for the id.
 *
 * @throws {ConfigurationError} `schema/invalid-payload` when the data does not fit.
 */
function describeRequest(
  executorId: string,
  type: RequestType,
  data: unknown,
): Omit<PendingRequest, 'id'> {
  const result = validateSync(type.request, data, `a request "${type.tag}"`);
  if (result.issues !== undefined) {
    throw new ConfigurationError(
      `Expected data that fits request "${type.tag}", got ${describeValue(data)}: ${describeIssues(result.issues)}.`,
      { code: 'schema/invalid-payload' },
    );
  }
  return { type: type.tag, executorId, data: result.value, responseSchema: type.responseSchema };
}

/** @throws {ConfigurationError} `event/invalid` for what is no event, or one of the engine's. */
function assertCustomEvent(event: unknown): void {
  const type = isRecord(event) ? event['type'] : undefined;
  if (typeof type === 'string' && !BUILT_IN_EVENT_TYPES.has(type)) return;
  throw new ConfigurationError(
    `Expected an event made with defineEvent, got ${describeValue(event)}. The engine's own events cannot be emitted.`,
    { code: 'event/invalid' },
  );
}

/** The shared state as one handler sees it: with the handler, its writes end. */
class BoundSharedState implements SharedStateView {
  readonly #staged: StagedSharedState;
  readonly #isOpen: () => boolean;

  constructor(staged: StagedSharedState, isOpen: () => boolean) {
    this.#staged = staged;
    this.#isOpen = isOpen;
  }

  get(key: string): unknown {
    return this.#staged.get(key);
  }

  has(key: string): boolean {
    return this.#staged.has(key);
  }

  set(key: string, value: unknown): void {
    if (this.#isOpen()) this.#staged.set(key, value);
  }

  delete(key: string): void {
    if (this.#isOpen()) this.#staged.delete(key);
  }
}
