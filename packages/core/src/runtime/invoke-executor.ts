import { toErrorDetails } from '../events/error-details.ts';
import { isPromiseLike } from '../primitives/promise-like.ts';
import { BoundContext } from './bound-context.ts';
import { type ExecutorCall, type ExecutorResult } from './executor-call.ts';
import { Invocation } from './invocation.ts';
import { type Delivery } from './superstep-plan.ts';

/** A running invocation; `abandon` leaves it behind when it does not end. */
export interface RunningInvocation {
  /** The result, or its promise where a handler waits; never rejects. */
  readonly result: ExecutorResult | Promise<ExecutorResult>;
  /** Ends it from outside: what it still does has no effect. */
  readonly abandon: () => ExecutorResult;
}

/**
 * Runs one executor's part of one superstep: its messages one after another, each by its handler.
 *
 * The only place where an executor's code runs. Stops at the first handler that throws, and before the next message
 * when the signal has aborted. Handlers that do not wait are run to the end at once.
 */
export function invokeExecutor(call: ExecutorCall): RunningInvocation {
  const invocation = new Invocation(call);
  return {
    result: handleFrom(invocation, 0),
    abandon: () => invocation.close(cutOff(call.signal)),
  };
}

function handleFrom(
  invocation: Invocation,
  first: number,
): ExecutorResult | Promise<ExecutorResult> {
  const { deliveries, signal } = invocation.call;
  for (let position = first; position < deliveries.length; position += 1) {
    const delivery = deliveries[position];
    // The first message is always handled: an executor that has been started is not skipped.
    if (delivery === undefined) break;
    if (position > 0 && signal.aborted) return invocation.close(cutOff(signal));
    const waiting = handleOne(invocation, delivery, position);
    if (waiting instanceof Promise) {
      return waiting.then((failure) =>
        failure === undefined ? handleFrom(invocation, position + 1) : invocation.close(failure),
      );
    }
    if (waiting !== undefined) return invocation.close(waiting);
  }
  return invocation.close(undefined);
}

/** Says that a part was not done whole, because its run was aborted. */
export function cutOff(signal: AbortSignal): ExecutorResult['failure'] {
  return { error: signal.reason, isAbort: true };
}

type Failure = ExecutorResult['failure'];

function handleOne(
  invocation: Invocation,
  delivery: Delivery,
  position: number,
): Failure | Promise<Failure> {
  const { executor, sink } = invocation.call;
  const attempt: Attempt = {
    invocation,
    context: new BoundContext(invocation, delivery, position),
    messageCount: invocation.messageCount,
    yieldCount: invocation.yieldCount,
  };
  if (sink.isListening) {
    sink.emit({ type: 'executor_invoked', executorId: executor.id, data: delivery.message });
  }
  try {
    const returned = callHandler(delivery, attempt.context);
    if (!isPromiseLike(returned)) return complete(attempt, returned);
    return Promise.resolve(returned).then(
      (value: unknown) => complete(attempt, value),
      (error: unknown) => fail(attempt, error),
    );
  } catch (error) {
    return fail(attempt, error);
  }
}

/** The matcher, or the request's schema, has given the value the type that the handler was declared with. */
function callHandler(delivery: Delivery, context: BoundContext): unknown {
  if (delivery.request === undefined)
    return delivery.handler.handle(delivery.value as never, context as never);
  const { handler, message, request } = delivery;
  return handler.handle(message as never, request.data as never, context as never);
}

/** One handler at work on one message. */
interface Attempt {
  readonly invocation: Invocation;
  readonly context: BoundContext;
  readonly messageCount: number;
  readonly yieldCount: number;
}

function complete(
  { invocation, context, messageCount, yieldCount }: Attempt,
  returned: unknown,
): undefined {
  if (returned !== undefined) context.send(returned);
  context.close();
  const { executor, sink } = invocation.call;
  if (!sink.isListening || invocation.isClosed) return;
  const data = invocation.contributionSince(messageCount, yieldCount);
  sink.emit({ type: 'executor_completed', executorId: executor.id, data });
}

function fail({ invocation, context }: Attempt, error: unknown): Failure {
  context.close();
  const { executor, sink, signal } = invocation.call;
  const isAbort = signal.aborted && isAbortOf(signal, error);
  if (!isAbort && sink.isListening && !invocation.isClosed) {
    sink.emit({ type: 'executor_failed', executorId: executor.id, error: toErrorDetails(error) });
  }
  return { error, isAbort };
}

/** Whether an error only passes on that the signal has aborted, itself or as the cause of what wraps it. */
function isAbortOf(signal: AbortSignal, error: unknown, depth = 0): boolean {
  if (error === signal.reason) return true;
  if (!(error instanceof Error) || depth > MAX_CAUSES) return false;
  return error.name === 'AbortError' || isAbortOf(signal, error.cause, depth + 1);
}

/** How far causes are followed; they may form a circle. */
const MAX_CAUSES = 8;
