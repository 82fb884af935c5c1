import { AgentExecutor, type Executor } from '@colloquy/core';

import { isAgentLike, type ParticipantSource } from './participants.ts';

/**
 * Puts another executor in the place of an agent's, which may be given as the agent, as `agentExecutor(agent, …)`, or
 * as an `AgentExecutor`; gives `undefined` for executors that are no agent's.
 *
 * @param adapt - Called for every workflow instance, or, for an executor that the caller owns, once.
 */
export function adaptAgent(
  source: ParticipantSource,
  adapt: (executor: AgentExecutor) => Executor,
): Executor | (() => Executor) | undefined {
  if (source instanceof AgentExecutor) return adapt(source);
  if (isAgentLike(source)) return () => adapt(new AgentExecutor(source));
  const make = typeof source === 'function' ? source : undefined;
  if (make === undefined || !(make() instanceof AgentExecutor)) return undefined;
  return () => {
    const made = make();
    return made instanceof AgentExecutor ? adapt(made) : made;
  };
}
