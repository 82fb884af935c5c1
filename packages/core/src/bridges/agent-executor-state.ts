import { AgentSession, type AgentSessionJson } from '../agents/agent-session.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import {
  type FunctionApprovalResponseContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { isMessageList, type Message } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type AgentExecutorResponse } from './agent-executor-protocol.ts';

/** A question of a reply, and the answer once there is one. */
export interface OpenQuestion {
  /** The id of the approval or the request, as the agent knows it. */
  readonly id: string;
  /** As the agent is told it. */
  readonly answer: FunctionApprovalResponseContent | FunctionResultContent | undefined;
}

/** A reply that an answer led to, in case that its superstep fails and the answer comes again. */
export interface SentReply {
  readonly requestId: string;
  readonly reply: AgentExecutorResponse;
}

/** What an agent executor keeps between messages; replaced as a whole. */
export interface AgentExecutorState {
  /** What the agent has not been given. */
  readonly unread: readonly Message[];
  /** All that was said, as the executor knows it. */
  readonly conversation: readonly Message[];
  /** What the agent has said of a reply that waits for answers. */
  readonly parts: readonly AgentResponse[];
  /** By request id; while there are any, the agent is not run. */
  readonly questions: ReadonlyMap<string, OpenQuestion>;
  /** What came of an answer; no part of a checkpoint: a superstep that has one has not failed. */
  readonly sent?: SentReply | undefined;
}

export const NOTHING_SAID: AgentExecutorState = {
  unread: [],
  conversation: [],
  parts: [],
  questions: new Map(),
};

/** A checkpoint of an agent executor. */
export interface SavedAgentExecutor {
  readonly state: AgentExecutorState;
  readonly session: AgentSessionJson;
}

/**
 * Reads a checkpoint of an agent executor.
 *
 * @throws {ConfigurationError} `agent/invalid-checkpoint` when it is something else.
 */
export function parseSavedExecutor(value: unknown): {
  readonly state: AgentExecutorState;
  readonly session: AgentSession;
} {
  if (!isRecord(value) || !isState(value['state'])) {
    throw new ConfigurationError(
      `Expected the state of an agent executor, got ${describeValue(value)}.`,
      { code: 'agent/invalid-checkpoint' },
    );
  }
  return { state: value['state'], session: AgentSession.fromJSON(value['session']) };
}

function isState(value: unknown): value is AgentExecutorState {
  return (
    isRecord(value) &&
    isMessageList(value['unread']) &&
    isMessageList(value['conversation']) &&
    Array.isArray(value['parts']) &&
    value['questions'] instanceof Map
  );
}
