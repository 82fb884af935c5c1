import { type MessageInput } from '../messages/message.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { type ModelOptions } from '../chat/chat-options.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type AgentSession } from './agent-session.ts';

/** How one run of an agent is done. */
export interface AgentRunOptions {
  /** The conversation to go on with; without one the run remembers nothing. */
  readonly session?: AgentSession;
  readonly signal?: AbortSignal;
  /** Settings of the model for this run, over the agent's own. */
  readonly modelOptions?: ModelOptions;
  /** The shape the answer must have; the validated value is the response's `value`. */
  readonly output?: StandardSchema;
  /**
   * Tools that the agent has for this run beside its own, as an orchestration lends them; names are unique among all.
   *
   * An `Agent` calls them; an agent that runs elsewhere may be unable to.
   */
  readonly tools?: readonly FunctionTool[];
  /** Where in a workflow's run the agent is asked: the handler's `ctx.idempotencyKey`. Only told to the chat client. */
  readonly runPath?: string;
  /** Reaches tools; never stored. */
  readonly runContext?: unknown;
}

/** An agent's answer as it comes: iterate once; `response` is the whole. */
export interface AgentStream<TValue = unknown> extends AsyncIterable<AgentResponseUpdate> {
  /** Resolves when the run has ended; rejects with what ended it. Reading the updates is not needed for it. */
  readonly response: Promise<AgentResponse<TValue>>;
}

/**
 * What a workflow needs of an agent: an `Agent`, a remote agent, another framework's, or a workflow.
 *
 * `stream` starts at once; `run` is its fold.
 */
export interface AgentLike {
  readonly id: string;
  /** Names it in conversations and graphs; unique among participants. */
  readonly name: string;
  readonly description: string;
  run(input: MessageInput, options?: AgentRunOptions): Promise<AgentResponse>;
  stream(input: MessageInput, options?: AgentRunOptions): AgentStream;
  createSession(): AgentSession;
  /**
   * What the answer to one of its responses' `pendingRequests` must be, so that another is refused at once.
   *
   * `undefined` where it cannot tell: then it judges the answer itself, and a wrong one fails its run.
   */
  answerSchemaOf?(
    request: Pick<PendingRequest, 'id' | 'type' | 'path'>,
  ): StandardSchema | undefined;
}
