import {
  type AgentContextMode,
  agentExecutor,
  type AgentLike,
  type AgentResponse,
  type AgentUpdate,
  type ExecutorSource,
  type Workflow,
  WorkflowBuilder,
  type WorkflowOptions,
} from '@colloquy/core';

import { type ConversationInput } from '../shared/conversation-input.ts';
import {
  isAgentLike,
  type ParticipantSource,
  resolveParticipants,
} from '../shared/participants.ts';
import { CustomStep } from './custom-step.ts';
import { InputConversation } from './input-conversation.ts';

/** What a sequence is built from. */
export interface SequentialOptions extends WorkflowOptions {
  /** Default `sequential`. */
  readonly name?: string;
  /** Agents, or executors that handle `GroupChatRequest` and answer with `GroupChatReply`, in order; names are unique. */
  readonly participants: readonly ParticipantSource[];
  /** What each reads of those before: all that was said (`full`, default), the last answer (`last`), or what a function makes. */
  readonly context?: AgentContextMode;
}

/** A sequence as a workflow; its output is the last participant's answer. */
export type Sequential = Workflow<ConversationInput, AgentResponse, AgentUpdate>;

/** Under which name the input comes in. */
const INPUT = 'input-conversation';

/**
 * Builds a sequence: each participant goes on from what those before it said.
 *
 * As Python `SequentialBuilder`. Differs from Python: a participant sees nothing of what others did with their tools.
 *
 * @throws {WorkflowValidationError} for missing, nameless or doubled participants, and invalid options.
 */
export function sequential(options: SequentialOptions): Sequential {
  const { name = 'sequential', participants: sources, context = 'full', ...settings } = options;
  const participants = resolveParticipants(sources, {
    workflowName: name,
    leaderName: INPUT,
    isOutput: () => true,
  });
  const start = (): InputConversation => new InputConversation();
  const steps = sources.map((source, round) => {
    const { name: participant = '' } = participants[round] ?? {};
    return isAgentLike(source)
      ? { step: stepOf(source, context) }
      : { step: () => new CustomStep(participant, round), custom: source };
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

function stepOf(agent: AgentLike, context: AgentContextMode): ExecutorSource {
  return context === 'full' ? agent : agentExecutor(agent, { context });
}
