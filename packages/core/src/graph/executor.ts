import { ConfigurationError } from '../errors/configuration-error.ts';
import { type EventType } from '../events/custom-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { describeValue } from '../primitives/json.ts';
import { type Logger } from '../primitives/logger.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type Handler } from './handler.ts';
import { type Matcher } from './matcher.ts';
import { type ResponseHandler } from './response-handler.ts';

/** What a reset hook is given. */
export interface ResetContext {
  readonly logger: Logger;
}

/**
 * A node of a workflow as a class: an id and handlers by message type.
 *
 * State kept in fields lives as long as the instance, so a class with state overrides `reset`; one without says
 * `stateless = true`.
 */
export abstract class Executor {
  readonly id: string;
  /** What it handles; the first entry that takes a message runs. Made with `on`. */
  abstract readonly handlers: readonly Handler[];
  /** Which answers it handles, by the kind of request. Made with `onResponse`. */
  readonly responseHandlers: readonly ResponseHandler[] = [];
  /** Declares that no field changes between messages: the instance may be shared, and reset has nothing to do. */
  readonly stateless: boolean = false;
  /** What it sends, where that is declared; checked when the workflow is built. */
  readonly sends?: readonly Matcher[];
  /** What it yields, where that is declared. */
  readonly yields?: StandardSchema;
  /** The shape of the sub-workflow that it runs, where it runs one; part of the graph's signature. */
  readonly innerLines?: readonly string[];
  /** The events it emits beside the engine's. */
  readonly emits?: readonly EventType[];

  /** @throws {ConfigurationError} `executor/empty-id`. */
  constructor(id: string) {
    assertExecutorId(id);
    this.id = id;
  }

  /** Returns to the state of a new instance; called by `workflow.resetForNewRun()`. May be asynchronous. */
  reset(_context?: ResetContext): void | Promise<void> {}

  /**
   * The state to store in a checkpoint, or its promise; `undefined` for none.
   *
   * Called between supersteps. Anything the codecs can carry; it is copied before a handler runs again.
   */
  onCheckpointSave(): unknown {
    return undefined;
  }

  /** Takes over what `onCheckpointSave` gave; called on a new or reset executor. What it throws refuses the checkpoint. */
  onCheckpointRestore(_state: unknown): void | Promise<void> {}

  /** Who handles the answer to a request of this executor; `undefined` where nobody does. */
  findResponseHandler(request: AskedRequest): ResponseHandler | undefined {
    return this.responseHandlers.find(({ requestType }) => requestType.tag === request.type);
  }
}

/** What tells which handler an answer is for. */
export type AskedRequest = Pick<PendingRequest, 'id' | 'type' | 'path'>;

/** Whether an instance says how it is reset, or that it need not be. */
export function declaresReset(executor: Executor): boolean {
  return executor.stateless || executor.reset !== Executor.prototype.reset;
}

/** @throws {ConfigurationError} `executor/empty-id` unless the value is a string that is not empty. */
export function assertExecutorId(id: unknown): asserts id is string {
  if (typeof id === 'string' && id !== '') return;
  throw new ConfigurationError(
    `Expected a non-empty string as the executor's id, got ${describeValue(id)}.`,
    { code: 'executor/empty-id' },
  );
}
