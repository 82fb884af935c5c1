import { AgentExecutor, ConfigurationError } from '@colloquy/core';

import { adaptAgent } from '../shared/adapt-agent.ts';
import { type Participant, type ParticipantSource } from '../shared/participants.ts';
import { GatedExecutor } from './gated-executor.ts';
import { gatedNames, type HumanGateOptions } from './human-gate.ts';

/**
 * The sources, those of agents whose turns a human is asked about replaced by gated ones.
 *
 * @param participants - What `resolveParticipants` made of the sources.
 * @throws {ConfigurationError} `human-gate/invalid-options`.
 */
export function gateAgents(
  sources: readonly ParticipantSource[],
  participants: readonly Participant[],
  gate: HumanGateOptions | undefined,
): readonly ParticipantSource[] {
  if (gate === undefined) return sources;
  const names = gatedNames(gate, participants);
  return sources.map((source, index) => {
    if (!names.has(participants[index]?.name ?? '')) return source;
    return adaptAgent(source, (executor) => gated(executor, gate)) ?? source;
  });
}

function gated(executor: AgentExecutor, { when }: HumanGateOptions): GatedExecutor {
  if (executor.constructor === AgentExecutor)
    return new GatedExecutor(executor.agent, executor.options, when);
  throw new ConfigurationError(
    `Expected humanGate to be about agents, got "${executor.id}", an executor of a class of your own that would be replaced. Leave it out of humanGate.participants.`,
    { code: 'human-gate/invalid-options' },
  );
}
