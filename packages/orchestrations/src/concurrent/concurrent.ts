import {
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
import { adaptAgent } from '../shared/adapt-agent.ts';
import { type ConversationInput } from '../shared/conversation-input.ts';
import { describeValue } from '../shared/describe-value.ts';
import { perInstance } from '../shared/fork-of.ts';
import { type ParticipantSource, resolveParticipants } from '../shared/participants.ts';
import { Aggregation } from './aggregation.ts';
import { type Aggregator, lastMessages } from './aggregators.ts';
import { BranchExecutor } from './branch-executor.ts';
import { type ConcurrencyMode, needsOf } from './concurrency-mode.ts';
import { CustomBranch } from './custom-branch.ts';
import { DISPATCHER, Dispatcher } from './dispatcher.ts';

/** What a concurrent orchestration is built from. */
export interface ConcurrentOptions<TOutput = AgentResponse> extends WorkflowOptions {
  /** Default `concurrent`. */
  readonly name?: string;
  /**
   * Agents, or executors that handle `GroupChatRequest` and answer with `GroupChatReply`; names are unique, one is enough.
   *
   * The failure of an executor that is no agent fails the run, whatever the mode.
   */
  readonly participants: readonly ParticipantSource[];
  /** How many must answer; default `all`. */
  readonly mode?: ConcurrencyMode;
  /** Makes one value of the results; default: everybody's last words as one response. */
  readonly aggregate?: Aggregator<TOutput>;
  /** Whether a human is asked before agents' turns, or about their replies; nobody is asked without it. */
  readonly humanGate?: HumanGateOptions | undefined;
}

/** A concurrent orchestration as a workflow; its output is one aggregate. */
export type Concurrent<TOutput = AgentResponse> = Workflow<ConversationInput, TOutput, AgentUpdate>;

/**
 * Builds an orchestration in which all participants answer the same input beside each other, and one aggregate is made
 * of their answers, in participant order whoever is faster.
 *
 * As Python `ConcurrentBuilder`. Differs from Python: one participant is enough, and failures can be results.
 *
 * @throws {WorkflowValidationError} for missing, nameless or doubled participants, and invalid options.
 * @throws {ConfigurationError} for an unknown mode, a `humanGate` for nobody, or an `aggregate` that is no function.
 */
export function concurrent<TOutput = AgentResponse>(
  options: ConcurrentOptions<TOutput>,
): Concurrent<TOutput> {
  const {
    name = 'concurrent',
    participants: given,
    mode = 'all',
    aggregate,
    humanGate,
    ...settings
  } = options;
  assertAggregator(aggregate);
  const participants = resolveParticipants(given, {
    workflowName: name,
    leaderName: DISPATCHER,
    isOutput: () => true,
  });
  const needs = needsOf(mode, participants.length);
  const start = (): Dispatcher => new Dispatcher();
  const aggregator: Aggregator<unknown> = aggregate ?? lastMessages(name);
  const join = perInstance({ aggregator }, (own) => {
    const names = participants.map((participant) => participant.name);
    return new Aggregation(own.aggregator, needs, names);
  });
  const builder = new WorkflowBuilder({
    ...settings,
    name,
    start,
    outputFrom: [join],
  });
  const sources = gateAgents(given, participants, humanGate);
  const branches = sources.map((source, index): ExecutorSource => {
    const agentBranch = adaptAgent(source, (executor) => new BranchExecutor(executor, needs));
    if (agentBranch !== undefined) return agentBranch;
    const { name: participant = '' } = participants[index] ?? {};
    const branch = (): CustomBranch => new CustomBranch(participant);
    builder.addEdge<ExecutorSource, ExecutorSource>(branch, source);
    builder.addEdge<ExecutorSource, ExecutorSource>(source, branch);
    return branch;
  });
  const [only, ...others] = branches;
  if (only !== undefined && others.length === 0)
    builder.addEdge<ExecutorSource, ExecutorSource>(start, only);
  else builder.addFanOut<ExecutorSource, readonly ExecutorSource[]>(start, branches);
  for (const branch of branches) builder.addEdge<ExecutorSource, ExecutorSource>(branch, join);
  // Participants are known one by one, so the builder's types cannot say what the aggregate is; `aggregate` does.
  return builder.build() as Workflow as Concurrent<TOutput>;
}

function assertAggregator(aggregate: unknown): void {
  if (aggregate === undefined || typeof aggregate === 'function') return;
  throw new ConfigurationError(
    `Expected aggregate to be a function of the results, got ${describeValue(aggregate)}. Pass (results) => value, vote(), or judge(agent).`,
  );
}
