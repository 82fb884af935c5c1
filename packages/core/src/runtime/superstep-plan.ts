import { type DropReason } from '../events/workflow-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type MatchedHandler } from '../graph/handler.ts';
import { type ResponseHandler } from '../graph/response-handler.ts';

/** One message for one executor, with the handler that takes it. */
export interface MessageDelivery extends MatchedHandler {
  readonly message: unknown;
  readonly request?: undefined;
  /** One sender, all sources of a fan-in, or none for the run's input. */
  readonly sourceIds: readonly string[];
}

/** The answer to a request of one executor, with the handler that takes it. */
export interface ResponseDelivery {
  readonly handler: ResponseHandler;
  /** The validated answer, which is also what the event shows. */
  readonly message: unknown;
  readonly request: PendingRequest;
  readonly sourceIds: readonly string[];
}

/** One message or answer for one executor. */
export type Delivery = MessageDelivery | ResponseDelivery;

/** What one executor handles in one superstep, in order. */
export interface ExecutorBatch {
  readonly executorId: string;
  readonly deliveries: readonly Delivery[];
}

/** A message that reached nobody. */
export interface DroppedMessage {
  readonly sourceId: string;
  readonly target?: string | undefined;
  readonly message: unknown;
  readonly reason: DropReason;
}

/** Messages that wait in a fan-in, by group and source, in send order. */
export type EdgeBuffers = ReadonlyMap<string, ReadonlyMap<string, readonly unknown[]>>;

/** Who handles what in the coming superstep. */
export interface SuperstepPlan {
  /** In the order in which the executors are started. */
  readonly batches: readonly ExecutorBatch[];
  /** The fan-in buffers once this superstep has ended well. */
  readonly edgeBuffers: EdgeBuffers;
  readonly dropped: readonly DroppedMessage[];
}
