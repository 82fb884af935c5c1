import { AgentSession, type AgentSessionJson } from '../agents/agent-session.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { type Message } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { isMessageList } from './agent-executor-protocol.ts';
import { type ToolApprovalAnswer } from './tool-approval.ts';

/** A question to a human about a call, and the answer once there is one. */
export interface OpenApproval {
  /** The approval's id, as the agent knows it. */
  readonly id: string;
  readonly answer: ToolApprovalAnswer | undefined;
}

/** What an agent executor keeps between messages; replaced as a whole. */
export interface AgentExecutorState {
  /** What the agent has not been given. */
  readonly unread: readonly Message[];
  /** All that was said, as the executor knows it. */
  readonly conversation: readonly Message[];
  /** What the agent has said of a reply that waits for approvals. */
  readonly parts: readonly AgentResponse[];
  /** By request id; while there are any, the agent is not run. */
  readonly approvals: ReadonlyMap<string, OpenApproval>;
}

export const NOTHING_SAID: AgentExecutorState = {
  unread: [],
  conversation: [],
  parts: [],
  approvals: new Map(),
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
    value['approvals'] instanceof Map
  );
}
