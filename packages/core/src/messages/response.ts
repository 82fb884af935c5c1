import { type FunctionApprovalRequestContent } from './content.ts';
import { type Message } from './message.ts';
import { type PendingRequest } from './pending-request.ts';
import { type Usage } from './usage.ts';

/** Why a model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** The complete answer to one model call; plain JSON. */
export interface ChatResponse {
  readonly messages: readonly Message[];
  /** The text of all messages. */
  readonly text: string;
  readonly usage: Usage;
  readonly responseId?: string;
  readonly model?: string;
  readonly finishReason?: FinishReason;
}

/**
 * The complete answer of an agent's run; plain JSON.
 *
 * `messages` holds all that the run added to the conversation, tool calls and results included, in order.
 */
export interface AgentResponse<TValue = unknown> {
  readonly agentName: string;
  readonly messages: readonly Message[];
  /** The text of the last message that has text. */
  readonly text: string;
  /** The sum over every model call of the run. */
  readonly usage: Usage;
  /** The structured output, validated; `undefined` unless `output` was asked for. */
  readonly value: TValue;
  /** Tool calls that wait for a human; the run goes on when they are answered. */
  readonly approvalRequests: readonly FunctionApprovalRequestContent[];
  /**
   * What else waits for an answer, where the agent is a workflow; the run goes on with a function result whose `callId`
   * is the request's id.
   */
  readonly pendingRequests?: readonly PendingRequest[];
  readonly finishReason?: FinishReason;
}
