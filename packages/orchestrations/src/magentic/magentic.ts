import {
  type AgentLike,
  type AgentResponse,
  type AgentUpdate,
  ConfigurationError,
  type ExecutorSource,
  type Workflow,
  WorkflowBuilder,
  type WorkflowOptions,
} from '@colloquy/core';

import { type GroupChatEvent } from '../group-chat/group-chat-messages.ts';
import { type ConversationInput } from '../shared/conversation-input.ts';
import { describeValue } from '../shared/describe-value.ts';
import { perInstance } from '../shared/fork-of.ts';
import {
  isAgentLike,
  type ParticipantSource,
  resolveParticipants,
} from '../shared/participants.ts';
import { type MagenticManager } from './magentic-manager.ts';
import { type MagenticEvent } from './magentic-messages.ts';
import { MAGENTIC_ORCHESTRATOR, MagenticOrchestrator } from './magentic-orchestrator.ts';
import {
  type MagenticSettings,
  type ResolvedSettings,
  resolveSettings,
} from './magentic-options.ts';
import { StandardMagenticManager, type StandardManagerOptions } from './standard-manager.ts';

/** Who manages a team: an agent, an agent with a session or more, a manager of one's own, or what makes one. */
export type MagenticManagerSource =
  | AgentLike
  | Pick<StandardManagerOptions, 'agent' | 'session' | 'retries'>
  | MagenticManager
  | (() => MagenticManager);

/** What a team is built from. */
export interface MagenticOptions extends WorkflowOptions, MagenticSettings {
  /** Default `magentic`. */
  readonly name?: string;
  /** Agents, or executors that handle `GroupChatRequest` and answer with `GroupChatReply`; names are unique. */
  readonly participants: readonly ParticipantSource[];
  readonly manager: MagenticManagerSource;
  /** The language in which an agent that manages is to answer. */
  readonly language?: string;
}

/** A team as a workflow; its output is the final answer. */
export type Magentic = Workflow<
  ConversationInput,
  AgentResponse,
  MagenticEvent | GroupChatEvent | AgentUpdate
>;

/**
 * Builds a team whose manager plans, tracks progress, notices a stall and plans anew, as the Magentic-One paper has it.
 *
 * `result.stopReason.code` is `satisfied`, `maxRounds`, `maxReplans`, `maxManagerCalls`, `until` or `aborted`.
 *
 * @throws {WorkflowValidationError} for missing, nameless or doubled participants, and invalid options.
 * @throws {ConfigurationError} for no manager, prompts that lack a slot, or settings that cannot work.
 */
export function magentic(options: MagenticOptions): Magentic {
  const { name = 'magentic' } = options;
  const settings = resolveSettings(options);
  const manager = managerOf(options);
  const participants = resolveParticipants(options.participants, {
    workflowName: name,
    leaderName: MAGENTIC_ORCHESTRATOR,
    isOutput: () => false,
  });
  const create = (
    managing: MagenticManager,
    until: ResolvedSettings['until'],
  ): MagenticOrchestrator => {
    const made = new MagenticOrchestrator({
      workflowName: name,
      manager: managing,
      settings: { ...settings, until },
    });
    made.setParticipants(participants);
    return made;
  };
  const { until } = settings;
  const orchestrator =
    typeof manager === 'function'
      ? perInstance({ until }, (own) => create(manager(), own.until))
      : create(manager, until);
  const { maxRounds, maxReplans } = settings;
  const builder = new WorkflowBuilder({
    ...workflowOptionsOf(options),
    // A round takes two supersteps: the orchestrator's and the participant's.
    maxSupersteps: options.maxSupersteps ?? Math.max(100, 2 * (maxRounds + maxReplans) + 10),
    name,
    start: orchestrator,
    outputFrom: [orchestrator],
  });
  for (const participant of options.participants) {
    builder.addEdge<ExecutorSource, ExecutorSource>(orchestrator, participant);
    builder.addEdge<ExecutorSource, ExecutorSource>(participant, orchestrator);
  }
  // Participants are known one by one; the orchestrator alone puts something out, an AgentResponse.
  return builder.build() as Workflow as Magentic;
}

function workflowOptionsOf(options: MagenticOptions): WorkflowOptions {
  const { participants: _p, manager: _m, language: _l, name: _n, ...rest } = options;
  const { maxRounds: _r, maxStalls: _s, maxReplans: _rp, maxManagerCalls: _c, ...others } = rest;
  const { until: _u, planReview: _pr, stallReview: _sr, shareLedger: _sl, ...left } = others;
  const { onLimit: _o, afterCompletion: _a, prompts: _pt, ...workflowOptions } = left;
  return workflowOptions;
}

/** What makes a manager for every instance, or the one that the caller gave. */
function managerOf({
  manager,
  prompts,
  language,
}: MagenticOptions): MagenticManager | (() => MagenticManager) {
  if (typeof manager === 'function') return manager;
  if (isManager(manager)) return manager;
  const given: unknown = manager;
  const options = isAgentLike(given) ? { agent: given } : given;
  const agent: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, 'agent') : undefined;
  if (!isAgentLike(agent)) {
    throw new ConfigurationError(
      `Expected manager to be an agent, { agent, session?, retries? }, a MagenticManager or a factory of one, got ${describeValue(given)}.`,
      { code: 'magentic/manager' },
    );
  }
  // Looked at just above.
  const standard = { ...(options as StandardManagerOptions), prompts, language };
  const create = (): MagenticManager => new StandardMagenticManager(standard);
  // What is wrong with it is found here, and not at the first task.
  create();
  return create;
}

function isManager(value: unknown): value is MagenticManager {
  if (typeof value !== 'object' || value === null) return false;
  return ['plan', 'revisePlan', 'replan', 'progress', 'finalAnswer'].every(
    (method) => typeof Reflect.get(value, method) === 'function',
  );
}
