import {
  Agent,
  type AgentExecutor,
  agentExecutor,
  type AgentResponse,
  type AgentSession,
  type AgentUpdate,
  ConfigurationError,
  type ExecutorSource,
  type ValidationIssue,
  visibleMessages,
  type Workflow,
  WorkflowBuilder,
  type WorkflowOptions,
  WorkflowValidationError,
} from '@colloquy/core';

import { type ConversationInput } from '../shared/conversation-input.ts';
import { describeValue } from '../shared/describe-value.ts';
import { perInstance } from '../shared/fork-of.ts';
import { assertCount, assertLimit } from '../shared/limits.ts';
import { isAgentLike, type Participant, resolveParticipants } from '../shared/participants.ts';
import { type TerminationPredicate, toTerminationCondition } from '../termination/predicate.ts';
import { type TerminationCondition } from '../termination/termination-condition.ts';
import { HandoffAgent } from './handoff-agent.ts';
import { type HandoffEvent } from './handoff-messages.ts';
import {
  type AutonomousTurns,
  HANDOFF_ORCHESTRATOR,
  HandoffOrchestrator,
} from './handoff-orchestrator.ts';
import {
  type HandoffRoutes,
  resolveRoutes,
  unknownName,
  validateToolNames,
} from './handoff-routes.ts';
import { createHandoffTool, type HandoffTool } from './handoff-tools.ts';

/** An agent, or an agent with a session of the caller's, which reset keeps. */
export type HandoffParticipant =
  | Agent
  | { readonly agent: Agent; readonly session?: AgentSession | undefined };

/** Turns without the user. */
export interface AutonomousOptions {
  /** Whose; default everybody's. */
  readonly agents?: readonly string[];
  /** How many after a reply, until the user is asked; 0 asks at once. Counts anew after a handoff. */
  readonly maxTurns: number;
  /** Told to the agent in place of the user's answer. */
  readonly prompt?: string;
}

/** What a handoff is built from. */
export interface HandoffOptions extends WorkflowOptions {
  /** Default `handoff`. */
  readonly name?: string;
  /** Names are unique; each is lent a tool `handoff_to_<name>` for everybody it may hand over to. */
  readonly participants: readonly HandoffParticipant[];
  /** Who is given what begins a run: the participant or its name. */
  readonly start: HandoffParticipant | string;
  /** Who may hand over to whom; default everyone to everyone else. */
  readonly routes?: HandoffRoutes;
  /** The most handoffs between two turns of the user; default 10. `Infinity` must be asked for. */
  readonly maxHandoffs?: number;
  /** Ends a run; looks at what began it and all that it adds, the user's answers too. Checked after each reply, and on the input. */
  readonly until?: TerminationCondition | TerminationPredicate;
  readonly autonomous?: AutonomousOptions;
  /** Whether a new run begins with who has the conversation, and not with `start`; default false. */
  readonly returnToPrevious?: boolean;
  /** Whose replies are outputs; default everybody's. */
  readonly outputFrom?: readonly HandoffParticipant[] | 'all';
  /** Whose replies are intermediate; alone it takes them out of the outputs. */
  readonly intermediateFrom?: readonly HandoffParticipant[] | 'all_other';
}

/** A handoff as a workflow; its outputs are the replies to the user. */
export type Handoff = Workflow<ConversationInput, AgentResponse, HandoffEvent | AgentUpdate>;

/** How often a conversation may be handed over between two turns of the user when nothing else is said. */
const DEFAULT_MAX_HANDOFFS = 10;

const GO_ON = 'The user has not answered. Please go on with the task on your own.';

/**
 * Builds a handoff: agents hand the conversation to each other by calling a tool, and the user is asked, with a `UserTurn`
 * request, when one replies without doing so.
 *
 * `result.stopReason.code` is `until`, `maxHandoffs` or `completed`, also while the user is asked.
 *
 * @throws {WorkflowValidationError} for participants that are no `Agent`, unknown names, and tools of one name.
 * @throws {ConfigurationError} for limits that can never work.
 */
export function handoff(options: HandoffOptions): Handoff {
  const { name = 'handoff', maxHandoffs = DEFAULT_MAX_HANDOFFS } = options;
  assertLimit('maxHandoffs', maxHandoffs);
  const participants = participantsOf(options, name);
  const { start, autonomous, tools } = resolve(options, participants, name);
  const until = options.until === undefined ? undefined : toTerminationCondition(options.until);
  const { returnToPrevious = false } = options;
  const settings = { start, tools, maxHandoffs, autonomous, returnToPrevious };
  const orchestrator = perInstance(
    { until },
    (own) => new HandoffOrchestrator({ ...settings, until: own.until }),
  );
  const executors = options.participants.map((participant) =>
    executorOf(participant, tools.get(agentOf(participant)?.name ?? '') ?? []),
  );
  const builder = new WorkflowBuilder({
    ...workflowOptionsOf(options, executors),
    // A turn takes two supersteps: the orchestrator's and the participant's.
    maxSupersteps:
      options.maxSupersteps ??
      Math.max(100, 2 * (maxHandoffs + 1) * (1 + (autonomous?.maxTurns ?? 0)) + 10),
    name,
    start: orchestrator,
  });
  for (const executor of executors) {
    builder.addEdge<ExecutorSource, ExecutorSource>(orchestrator, executor);
    builder.addEdge<ExecutorSource, ExecutorSource>(executor, orchestrator);
  }
  // The orchestrator yields nothing, and agents yield an AgentResponse.
  return builder.build() as Workflow as Handoff;
}

/** The participants by name; @throws {WorkflowValidationError} when somebody cannot take part. */
function participantsOf({ participants }: HandoffOptions, name: string): readonly Participant[] {
  // Callers without types may pass anything.
  const given: unknown = participants;
  const sources = Array.isArray(given) ? given : [];
  const foreign = sources.flatMap((source: unknown, index) => {
    const isAgent = agentOf(source) !== undefined;
    const isTaken = isAgent || source === null || typeof source !== 'object';
    return isTaken ? [] : [notAnAgent(index, source)];
  });
  if (foreign.length > 0) throw new WorkflowValidationError(name, foreign);
  const agents = sources.map((source: unknown) => agentOf(source) ?? source);
  // What is no agent is refused there, with what is wrong with the others.
  return resolveParticipants(agents as Agent[], {
    workflowName: name,
    leaderName: HANDOFF_ORCHESTRATOR,
    isOutput: () => true,
  });
}

function agentOf(participant: unknown): Agent | undefined {
  if (participant instanceof Agent) return participant;
  if (typeof participant !== 'object' || participant === null) return undefined;
  const agent: unknown = Reflect.get(participant, 'agent');
  return agent instanceof Agent ? agent : undefined;
}

function notAnAgent(index: number, source: unknown): ValidationIssue {
  const got = isAgentLike(source)
    ? `the agent "${source.name}" of another kind`
    : describeValue(source);
  return {
    code: 'not-an-agent',
    message: `Expected participant ${index} of a handoff to be an Agent, or { agent, session }, got ${got}. Others cannot be lent the tools that hand over; use groupChat for them.`,
  };
}

/** What names lead to. */
interface Resolved {
  readonly start: string;
  readonly tools: ReadonlyMap<string, readonly HandoffTool[]>;
  readonly autonomous: AutonomousTurns | undefined;
}

/** @throws {WorkflowValidationError} with everything that is wrong. */
function resolve(
  options: HandoffOptions,
  participants: readonly Participant[],
  name: string,
): Resolved {
  const names = participants.map((each) => each.name);
  const start: unknown =
    typeof options.start === 'string' ? options.start : agentOf(options.start)?.name;
  const { targets, issues: ofRoutes } = resolveRoutes(participants, options.routes);
  const ofTools = options.participants.flatMap((participant) => {
    const agent = agentOf(participant);
    if (agent === undefined) return [];
    const own = agent.tools.map((tool) => tool.name);
    return validateToolNames(agent.name, targets.get(agent.name) ?? [], own);
  });
  const strangers = (options.autonomous?.agents ?? []).filter((each) => !names.includes(each));
  const issues = [
    ...(typeof start === 'string' && names.includes(start)
      ? []
      : [unknownName('start', start ?? options.start, names)]),
    ...ofRoutes,
    ...(ofRoutes.length > 0 ? [] : ofTools),
    ...strangers.map((each) => unknownName('an agent of autonomous', each, names)),
  ];
  if (issues.length > 0) throw new WorkflowValidationError(name, issues);
  const describe = (target: string): string =>
    participants.find((each) => each.name === target)?.description ?? '';
  const tools = Array.from(
    targets,
    ([source, reached]) =>
      [source, reached.map((target) => createHandoffTool(target, describe(target)))] as const,
  );
  // `start` is a name: anything else is among the issues.
  return { start: String(start), tools: new Map(tools), autonomous: autonomousOf(options, names) };
}

function autonomousOf(
  { autonomous }: HandoffOptions,
  names: readonly string[],
): AutonomousTurns | undefined {
  if (autonomous === undefined) return undefined;
  const { agents = names, maxTurns, prompt = GO_ON } = autonomous;
  assertCount('autonomous.maxTurns', maxTurns);
  if (prompt.trim() === '') {
    throw new ConfigurationError(
      'Expected autonomous.prompt to say something, got an empty text. Leave it out for the default.',
    );
  }
  return { agents: new Set(agents), maxTurns, prompt };
}

/** The agent as an executor; a reply that says nothing to the user, as one that only hands over, is no output. */
function executorOf(
  participant: HandoffParticipant,
  tools: readonly HandoffTool[],
): () => AgentExecutor {
  const { agent, session }: Exclude<HandoffParticipant, Agent> =
    participant instanceof Agent ? { agent: participant } : participant;
  return agentExecutor(new HandoffAgent(agent, tools), {
    ...(session === undefined ? {} : { session }),
    yieldIf: ({ messages }) => visibleMessages(messages).length > 0,
  });
}

type BuilderOptions = WorkflowOptions & {
  readonly outputFrom?: readonly ExecutorSource[] | 'all';
  readonly intermediateFrom?: readonly ExecutorSource[] | 'all_other';
};

/** The builder's part of the options, with executors in the place of the agents. */
function workflowOptionsOf(
  options: HandoffOptions,
  executors: readonly ExecutorSource[],
): BuilderOptions {
  const { participants, start: _s, routes: _r, maxHandoffs: _m, until: _u, ...some } = options;
  const { autonomous: _a, returnToPrevious: _p, outputFrom, intermediateFrom, ...rest } = some;
  const agents = participants.map(agentOf);
  // One that takes no part is left as it is, so that the builder reports it.
  const executorsOf = (sources: readonly HandoffParticipant[]): ExecutorSource[] =>
    sources.map((source) => executors[agents.indexOf(agentOf(source))] ?? (source as Agent));
  const intermediate =
    intermediateFrom === undefined || intermediateFrom === 'all_other'
      ? intermediateFrom
      : executorsOf(intermediateFrom);
  if (outputFrom === undefined) {
    if (intermediate === undefined) return rest;
    if (intermediate === 'all_other')
      return { ...rest, outputFrom: [], intermediateFrom: intermediate };
    const others = executors.filter((executor) => !intermediate.includes(executor));
    return { ...rest, outputFrom: others, intermediateFrom: intermediate };
  }
  const outputs = outputFrom === 'all' ? outputFrom : executorsOf(outputFrom);
  return {
    ...rest,
    outputFrom: outputs,
    ...(intermediate === undefined ? {} : { intermediateFrom: intermediate }),
  };
}
