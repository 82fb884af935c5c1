import { type AgentResponse, ConfigurationError } from '@colloquy/core';

/**
 * Checks that an agent that works for the orchestration itself has answered; nobody could answer a question of its own.
 *
 * @param role - What the agent is there for, such as `the manager`.
 * @throws {ConfigurationError} `orchestration/asks-human`.
 */
export function assertAsksNobody(
  { agentName, approvalRequests, pendingRequests = [] }: AgentResponse,
  role: string,
): void {
  const [approval] = approvalRequests;
  const [request] = pendingRequests;
  if (approval === undefined && request === undefined) return;
  const asked =
    approval === undefined
      ? `the request "${request?.type ?? ''}" of the workflow it is`
      : `a call of the tool "${approval.functionCall.name}", which needs approval`;
  throw new ConfigurationError(
    `Expected ${role} "${agentName}" to answer without asking a human, got ${asked}. Give what asks humans to participants.`,
    { code: 'orchestration/asks-human' },
  );
}
