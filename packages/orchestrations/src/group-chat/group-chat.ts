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

import { gateAgents } from '../human-gate/gate-agents.ts';
import { type HumanGateOptions } from '../human-gate/human-gate.ts';
import { describeValue } from '../shared/describe-value.ts';
import { perInstance } from '../shared/fork-of.ts';
import {
  isAgentLike,
  type Participant,
  type ParticipantSource,
  resolveParticipants,
} from '../shared/participants.ts';
import { AgentOrchestrator, type AgentOrchestratorOptions } from './agent-orchestrator.ts';
import {
  BaseGroupChatOrchestrator,
  type GroupChatInput,
  type GroupChatOrchestratorOptions,
} from './base-orchestrator.ts';
import { type GroupChatEvent } from './group-chat-messages.ts';
import { FunctionOrchestrator, type SpeakerSelector } from './selectors.ts';

/** Who leads a group chat beside a selector function. */
export type OrchestratorSource =
  | AgentLike
  | AgentOrchestratorOptions
  | BaseGroupChatOrchestrator
  | (() => BaseGroupChatOrchestrator);

/** What every group chat is built from. */
interface CommonGroupChatOptions extends WorkflowOptions {
  /** Default `group_chat`. */
  readonly name?: string;
  /** Agents, or executors that handle `GroupChatRequest` and answer with `GroupChatReply`; names are unique. */
  readonly participants: readonly ParticipantSource[];
  /** Whose yields are outputs beside the orchestrator's; default: every participant's. */
  readonly outputFrom?: readonly ParticipantSource[] | 'all';
  /**
   * Whose yields are intermediate; alone it takes them out of the outputs.
   *
   * Of an executor that is no agent only its own yields can be: its replies are outputs or, named here, hidden.
   */
  readonly intermediateFrom?: readonly ParticipantSource[] | 'all_other';
  /** Whether a human is asked before agents' turns, or about their replies; nobody is asked without it. */
  readonly humanGate?: HumanGateOptions | undefined;
}

/** A group chat: exactly one of `selectSpeaker` and `orchestrator` says who speaks. */
export type GroupChatOptions = CommonGroupChatOptions &
  Omit<GroupChatOrchestratorOptions, 'id'> &
  (
    | { readonly selectSpeaker: SpeakerSelector; readonly orchestrator?: undefined }
    | { readonly orchestrator: OrchestratorSource; readonly selectSpeaker?: undefined }
  );

/** A group chat as a workflow; its outputs are the participants' replies, then the orchestrator's last word. */
export type GroupChat = Workflow<GroupChatInput, AgentResponse, GroupChatEvent | AgentUpdate>;

/**
 * Builds a group chat: participants speak one after another, as a function, an agent, or an orchestrator of one's own
 * decides.
 *
 * `result.stopReason.code` is `until`, `maxRounds`, `selector` or `orchestrator`.
 *
 * @throws {WorkflowValidationError} for missing, nameless or doubled participants, and invalid options.
 * @throws {ConfigurationError} for no orchestrator or two, a `humanGate` for nobody, or limits that an orchestrator of one's own would not see.
 */
export function groupChat(options: GroupChatOptions): GroupChat {
  const name = options.name ?? 'group_chat';
  const lead = orchestratorOf(options);
  const example = exampleOf(lead);
  const { id: leaderName, maxRounds } = example;
  const participants = resolveParticipants(options.participants, {
    workflowName: name,
    leaderName,
    isOutput: (source) => isOutput(source, options),
  });
  // Rules about somebody else are told before anything is built.
  if (typeof lead === 'function') example.setParticipants(participants);
  const orchestrator = withParticipants(lead, participants);
  const gated = gateAgents(options.participants, participants, options.humanGate);
  const builder = new WorkflowBuilder({
    ...workflowOptionsOf(withSources(options, gated), orchestrator, maxRounds),
    name,
    start: orchestrator,
  });
  for (const participant of gated) {
    builder.addEdge<ExecutorSource, ExecutorSource>(orchestrator, participant);
    builder.addEdge<ExecutorSource, ExecutorSource>(participant, orchestrator);
  }
  // Participants are known one by one, so the builder's types cannot say what they yield: replies, as
  // AgentResponse.
  const chat = builder.build() as Workflow as GroupChat;
  if (typeof lead !== 'function') lead.setParticipants(participants);
  return chat;
}

/** An orchestrator of the caller's, or what makes one for every workflow instance. */
type OwnedOrchestrator = BaseGroupChatOrchestrator | (() => BaseGroupChatOrchestrator);

/** @throws {ConfigurationError} when a factory makes something else. */
function exampleOf(orchestrator: OwnedOrchestrator): BaseGroupChatOrchestrator {
  const example: unknown = typeof orchestrator === 'function' ? orchestrator() : orchestrator;
  if (example instanceof BaseGroupChatOrchestrator) return example;
  throw invalidOrchestrator(`what a factory made: ${describeValue(example)}`);
}

function invalidOrchestrator(got: string): ConfigurationError {
  return new ConfigurationError(
    `Expected orchestrator to be an agent, { agent, session?, retries? }, a BaseGroupChatOrchestrator or a factory of one, got ${got}. To choose by function pass selectSpeaker.`,
    { code: 'group-chat/orchestrator' },
  );
}

/** Whether a participant's replies are outputs: as told, and by default everybody's who is not intermediate. */
function isOutput(
  source: ParticipantSource,
  { outputFrom, intermediateFrom }: GroupChatOptions,
): boolean {
  if (outputFrom === 'all') return true;
  if (outputFrom !== undefined) return outputFrom.includes(source);
  if (intermediateFrom === undefined) return true;
  return intermediateFrom !== 'all_other' && !intermediateFrom.includes(source);
}

/** A factory whose orchestrators know the participants; an instance is told once the chat is built. */
function withParticipants(
  orchestrator: OwnedOrchestrator,
  participants: readonly Participant[],
): OwnedOrchestrator {
  if (typeof orchestrator !== 'function') return orchestrator;
  return () => {
    const created = orchestrator();
    created.setParticipants(participants);
    return created;
  };
}

/** The options with other sources for the same participants. */
function withSources(
  options: GroupChatOptions,
  participants: readonly ParticipantSource[],
): GroupChatOptions {
  const { outputFrom, intermediateFrom } = options;
  const given = options.participants;
  const replaced = (source: ParticipantSource): ParticipantSource =>
    participants[given.indexOf(source)] ?? source;
  return {
    ...options,
    participants,
    ...(Array.isArray(outputFrom) ? { outputFrom: outputFrom.map(replaced) } : {}),
    ...(Array.isArray(intermediateFrom)
      ? { intermediateFrom: intermediateFrom.map(replaced) }
      : {}),
  };
}

type BuilderOptions = WorkflowOptions & {
  readonly outputFrom?: readonly ExecutorSource[] | 'all';
  readonly intermediateFrom?: readonly ExecutorSource[] | 'all_other';
};

/** The builder's part of the options; the orchestrator is always an output. */
function workflowOptionsOf(
  options: GroupChatOptions,
  orchestrator: OwnedOrchestrator,
  maxRounds: number,
): BuilderOptions {
  const {
    participants: _,
    selectSpeaker: _s,
    orchestrator: _o,
    maxRounds: _m,
    until: _u,
    ...others
  } = options;
  const { humanGate: _h, view: _v, allowRepeat: _a, transitions: _t, ...rest } = others;
  const { outputFrom, intermediateFrom, participants } = options;
  const isDesignated = outputFrom !== undefined || intermediateFrom !== undefined;
  // Names that are no participant's stay in the list, so that the builder reports them.
  const selected = Array.isArray(outputFrom)
    ? outputFrom
    : participants.filter((source) => isOutput(source, options));
  const outputs = outputFrom === 'all' ? outputFrom : [orchestrator, ...selected];
  return {
    ...rest,
    // A round takes two supersteps: the orchestrator's and the participant's.
    maxSupersteps: options.maxSupersteps ?? Math.max(100, 2 * maxRounds + 10),
    ...(isDesignated ? { outputFrom: outputs } : {}),
  };
}

function orchestratorOf(options: GroupChatOptions): OwnedOrchestrator {
  const { selectSpeaker, orchestrator, until } = options;
  const leading = leadingOptionsOf(options);
  if (selectSpeaker !== undefined && orchestrator === undefined) {
    assertSelector(selectSpeaker);
    return perInstance(
      { selectSpeaker, until },
      (own) => new FunctionOrchestrator(own.selectSpeaker, { ...leading, until: own.until }),
    );
  }
  if (orchestrator === undefined || selectSpeaker !== undefined) {
    throw new ConfigurationError(
      `Expected exactly one of selectSpeaker and orchestrator, got ${orchestrator === undefined ? 'neither' : 'both'}. Pass a function that names the next speaker, or an agent that decides.`,
      { code: 'group-chat/orchestrator' },
    );
  }
  if (orchestrator instanceof BaseGroupChatOrchestrator || typeof orchestrator === 'function') {
    assertNothingBeside(leading);
    return orchestrator;
  }
  const agentOptions = agentOptionsOf(orchestrator);
  const { fallback } = agentOptions;
  return perInstance(
    { until, fallback },
    (own) =>
      new AgentOrchestrator(
        { ...agentOptions, fallback: own.fallback },
        { ...leading, until: own.until },
      ),
  );
}

/** @throws {ConfigurationError} when neither it nor its `agent` is an agent. */
function agentOptionsOf(
  orchestrator: AgentLike | AgentOrchestratorOptions,
): AgentOrchestratorOptions {
  if (isAgentLike(orchestrator)) return { agent: orchestrator };
  const given: unknown = orchestrator;
  const agent: unknown =
    typeof given === 'object' && given !== null ? Reflect.get(given, 'agent') : undefined;
  if (isAgentLike(agent)) return orchestrator;
  throw invalidOrchestrator(describeValue(given));
}

function assertSelector(selectSpeaker: unknown): void {
  if (typeof selectSpeaker === 'function') return;
  throw new ConfigurationError(
    `Expected selectSpeaker to be a function that names the next speaker, got ${describeValue(selectSpeaker)}. Pass (view) => name, or roundRobin().`,
    { code: 'group-chat/orchestrator' },
  );
}

/** What the orchestrator is told of the options. */
function leadingOptionsOf({
  maxRounds,
  until,
  view,
  allowRepeat,
  transitions,
}: GroupChatOptions): GroupChatOrchestratorOptions {
  return { maxRounds, until, view, allowRepeat, transitions };
}

function assertNothingBeside(options: GroupChatOrchestratorOptions): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  throw new ConfigurationError(
    `Expected ${given.map(([name]) => name).join(', ')} to be given to the orchestrator itself, got it beside an orchestrator of your own, which would not see it. Pass it to its constructor.`,
    { code: 'group-chat/orchestrator' },
  );
}
