import { ConfigurationError } from '../errors/configuration-error.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type StopReason } from '../graph/workflow-context.ts';
import { addUsage, type Usage } from '../messages/usage.ts';
import { createRequestId } from '../requests/request-id.ts';
import { StagedSharedState } from '../state/shared-state.ts';
import { type Envelope } from './envelope.ts';
import { type ExecutorCall, type ExecutorResult, type YieldedValue } from './executor-call.ts';

/**
 * What one executor does in one superstep, while it does it.
 *
 * Owns what is sent, yielded and written until the superstep is applied.
 *
 * Invariants:
 * - B1: after `close` nothing that a handler still does has an effect.
 */
export class Invocation {
  readonly call: ExecutorCall;
  readonly shared: StagedSharedState;
  readonly #messages: Envelope[] = [];
  readonly #yields: YieldedValue[] = [];
  readonly #requests: PendingRequest[] = [];
  #usage: Usage | undefined;
  #stopReason: StopReason | undefined;
  #isClosed = false;

  constructor(call: ExecutorCall) {
    this.call = call;
    this.shared = new StagedSharedState(call.shared, call.sharedKeys);
  }

  /** B1: whether what handlers do has no effect any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get messageCount(): number {
    return this.#messages.length;
  }

  get yieldCount(): number {
    return this.#yields.length;
  }

  send(message: unknown, target: string | undefined): void {
    const sourceId = this.call.executor.id;
    this.#messages.push(
      target === undefined ? { sourceId, message } : { sourceId, message, target },
    );
  }

  yield(data: unknown): void {
    const { executor, sink } = this.call;
    this.#yields.push({ executorId: executor.id, data });
    sink.tellYield(executor.id, data);
  }

  /** Records a request and tells of it; gives its id. */
  request(request: Omit<PendingRequest, 'id'>, id: string | undefined): string {
    const { executor, scope, sink } = this.call;
    const made = createRequestId(scope, `${executor.id}/${this.#requests.length}`);
    const asked: PendingRequest = { ...request, id: id ?? made };
    if (executor.findResponseHandler(asked) === undefined) throw noHandler(asked);
    if (this.#isPending(asked.id)) throw repeatedId(asked);
    this.#requests.push(asked);
    sink.announce(asked);
    return asked.id;
  }

  hasRequest(id: string): boolean {
    return this.#isPending(id) || this.call.deliveries.some(({ request }) => request?.id === id);
  }

  #isPending(id: string): boolean {
    return this.call.pending.has(id) || this.#requests.some((other) => other.id === id);
  }

  reportUsage(usage: Usage): void {
    this.#usage = this.#usage === undefined ? usage : addUsage(this.#usage, usage);
  }

  setStopReason(reason: StopReason): void {
    this.#stopReason = reason;
  }

  /** What was sent, then what was yielded, since the counts given; null for neither. */
  contributionSince(messageCount: number, yieldCount: number): readonly unknown[] | null {
    const sent = this.#messages.slice(messageCount).map(({ message }) => message);
    const yielded = this.#yields.slice(yieldCount).map(({ data }) => data);
    return sent.length + yielded.length === 0 ? null : [...sent, ...yielded];
  }

  /** B1: ends the invocation and says what it came to. */
  close(failure: ExecutorResult['failure']): ExecutorResult {
    this.#isClosed = true;
    this.shared.close();
    return {
      executorId: this.call.executor.id,
      messages: this.#messages,
      yields: this.#yields,
      sharedWrites: this.shared.writes,
      requests: this.#requests,
      usage: this.#usage,
      stopReason: this.#stopReason,
      failure,
    };
  }
}

function noHandler({ type, executorId }: PendingRequest): ConfigurationError {
  return new ConfigurationError(
    `Expected executor "${executorId}" to handle the answer to its request "${type}", got no handler for it: the answer would be lost. Add .onResponse(type, handler).`,
    { code: 'request/no-handler' },
  );
}

function repeatedId({ id, executorId }: PendingRequest): ConfigurationError {
  return new ConfigurationError(
    `Expected a request of "${executorId}" to have an id of its own, got "${id}", which waits for an answer already. Leave the id out, or pass another.`,
    { code: 'request/repeated-id' },
  );
}
