import { type ResponseContext, type WorkflowContext } from '@colloquy/core';
import { isNestingContext } from '@colloquy/core/spi';

/** The same context with another signal. */
export function withSignal(
  context: WorkflowContext & { readonly requestId?: string },
  signal: AbortSignal,
): ResponseContext {
  const { send, yield: put, request, hasRequest, emit, reportUsage, setStopReason } = context;
  return {
    executorId: context.executorId,
    sourceIds: context.sourceIds,
    runId: context.runId,
    superstep: context.superstep,
    state: context.state,
    shared: context.shared,
    streaming: context.streaming,
    runContext: context.runContext,
    idempotencyKey: context.idempotencyKey,
    requestId: context.requestId ?? '',
    signal,
    send,
    yield: put,
    request,
    hasRequest,
    emit,
    reportUsage,
    setStopReason,
    // A workflow that takes part as an agent asks through them.
    ...(isNestingContext(context) && {
      forwardEvent: context.forwardEvent,
      forwardRequest: context.forwardRequest,
    }),
  };
}
