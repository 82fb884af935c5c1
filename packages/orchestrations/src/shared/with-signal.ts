import { type ResponseContext } from '@colloquy/core';

/** The same context with another signal. */
export function withSignal(context: ResponseContext, signal: AbortSignal): ResponseContext {
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
    requestId: context.requestId,
    signal,
    send,
    yield: put,
    request,
    hasRequest,
    emit,
    reportUsage,
    setStopReason,
  };
}
