import {
  type AgentContextMode,
  AgentExecutor,
  type AgentResponse,
  type AgentUpdate,
  type ExecutorSource,
  type Workflow,
  WorkflowBuilder,
  type WorkflowOptions,
} from '@colloquy/core';

import { gateAgents } from '../human-gate/gate-agents.ts';
import { type HumanGateOptions } from '../human-gate/human-gate.ts';
import { adaptAgent } from '../shared/adapt-agent.ts';
import { type ConversationInput } from '../shared/conversation-input.ts';
import { type ParticipantSource, resolveParticipants } from '../shared/participants.ts';
import { CustomStep } from './custom-step.ts';
import { INPUT_CONVERSATION, InputConversation } from './input-conversation.ts';

/** What a sequence is built from. */
export interface SequentialOptions extends WorkflowOptions {
  /** Default `sequential`. */
  readonly name?: string;
  /** Agents, or executors that handle `GroupChatRequest` and answer with `GroupChatReply`, in order; names are unique. */
  readonly participants: readonly ParticipantSource[];
  /** What each reads of those before: all that was said (`full`, default), the last answer (`last`), or what a function makes. */
  readonly context?: AgentContextMode;
  /** Whether a human is asked before agents' turns, or about their replies; nobody is asked without it. */
  readonly humanGate?: HumanGateOptions | undefined;
}

/** A sequence as a workflow; its output is the last participant's answer. */
export type Sequential = Workflow<ConversationInput, AgentResponse, AgentUpdate>;

/** A participant's place in the chain, and the executor that it asks where that is no agent's. */
interface SequenceStep {
  readonly step: ExecutorSource;
  readonly custom?: ParticipantSource;
}

/**
 * Builds a sequence: each participant goes on from what those before it said.
 *
 * As Python `SequentialBuilder`. Differs from Python: a participant sees nothing of what others did with their tools.
 *
 * @throws {WorkflowValidationError} for missing, nameless or doubled participants, and invalid options.
 * @throws {ConfigurationError} for a `humanGate` for nobody.
 */
export function sequential(options: SequentialOptions): Sequential {
  const { name = 'sequential', context = 'full', humanGate, ...rest } = options;
  const { participants: given, ...settings } = rest;
  const participants = resolveParticipants(given, {
    workflowName: name,
    leaderName: INPUT_CONVERSATION,
    isOutput: () => true,
  });
  const start = (): InputConversation => new InputConversation();
  const reading = given.map((source) => stepOf(source, context) ?? source);
  const sources = gateAgents(reading, participants, humanGate);
  const steps = sources.map((source, round): SequenceStep => {
    const { name: participant = '', kind } = participants[round] ?? {};
    if (kind === 'agent') return { step: source };
    return { step: () => new CustomStep(participant, round), custom: source };
  });
  const chain = steps.map(({ step }) => step);
  const builder = new WorkflowBuilder({
    ...settings,
    name,
    start,
    outputFrom: chain.slice(-1),
  });
  builder.addChain<readonly ExecutorSource[]>([start, ...chain]);
  for (const { step, custom } of steps) {
    if (custom === undefined) continue;
    builder.addEdge<ExecutorSource, ExecutorSource>(step, custom);
    builder.addEdge<ExecutorSource, ExecutorSource>(custom, step);
  }
  // Participants are known one by one, so the builder's types cannot say what the last of them yields.
  return builder.build() as Workflow as Sequential;
}

/** An agent's executor that reads of those before it what the sequence says, unless it was given a context of its own. */
function stepOf(
  source: ParticipantSource,
  context: AgentContextMode,
): ParticipantSource | undefined {
  return adaptAgent(source, (executor) =>
    executor.constructor === AgentExecutor
      ? new AgentExecutor(executor.agent, { context, ...executor.options })
      : executor,
  );
}
