import {
  type AgentLike,
  AgentExecutor,
  Executor,
  type ExecutorSource,
  type ValidationIssue,
  WorkflowValidationError,
} from '@colloquy/core';

import { describeValue } from './describe-value.ts';

/** One who takes part in an orchestration. */
export interface Participant {
  /** The executor's id; for an agent its name. */
  readonly name: string;
  readonly description: string;
  /** Agents are told everything as it is said; other executors get it with their turn. */
  readonly kind: 'agent' | 'executor';
  /** Whether its replies are outputs of the orchestration. */
  readonly isOutput: boolean;
}

/** What else is to be known of participants. */
export interface ParticipantOptions {
  readonly workflowName: string;
  /** Whoever leads them, whose name none of them may have. */
  readonly leaderName: string;
  readonly isOutput: (source: ParticipantSource) => boolean;
}

/** Anything that can take part: an agent, or an executor that handles `GroupChatRequest`. */
export type ParticipantSource = ExecutorSource;

/**
 * Reads names and descriptions off the sources, in order.
 *
 * @throws {WorkflowValidationError} with everything that is wrong: nobody, what can take no part, a missing name, names
 * that differ only by case, the leader's name.
 */
export function resolveParticipants(
  sources: readonly ParticipantSource[],
  options: ParticipantOptions,
): readonly Participant[] {
  // Callers without types may pass anything.
  const given: unknown = sources;
  const described = Array.isArray(given) ? given.map((source) => describe(source, options)) : [];
  const issues = [
    ...validateList(given),
    ...described.flatMap((participant, index) =>
      participant === undefined
        ? [notAParticipant(index, sources[index])]
        : validateOne(participant, index, options),
    ),
    ...validateNames(described),
  ];
  if (issues.length > 0) throw new WorkflowValidationError(options.workflowName, issues);
  return described.filter((participant) => participant !== undefined);
}

/** The participant, or `undefined` where the source can take no part. */
function describe(source: unknown, { isOutput }: ParticipantOptions): Participant | undefined {
  const example: unknown = typeof source === 'function' ? source() : source;
  if (typeof example !== 'object' || example === null) return undefined;
  const common = { isOutput: isOutput(source as ParticipantSource) };
  if (example instanceof AgentExecutor) {
    const { id, agent } = example;
    return { ...common, name: id, description: agent.description, kind: 'agent' };
  }
  if (isExecutor(example))
    return { ...common, name: example.id, description: '', kind: 'executor' };
  if (!isAgentLike(example) || typeof source === 'function') return undefined;
  const { name, description } = example;
  return { ...common, name, description, kind: 'agent' };
}

function isExecutor(value: object): value is Executor {
  return value instanceof Executor || 'handlers' in value;
}

/** Claims that a value can do what an agent does; its name is looked at later. */
export function isAgentLike(value: unknown): value is AgentLike {
  if (typeof value !== 'object' || value === null) return false;
  return ['run', 'stream', 'createSession'].every(
    (method) => typeof Reflect.get(value, method) === 'function',
  );
}

function validateList(sources: unknown): ValidationIssue[] {
  if (Array.isArray(sources) && sources.length > 0) return [];
  const got = Array.isArray(sources) ? 'an empty list' : describeValue(sources);
  return [
    {
      code: 'no-participants',
      message: `Expected a list of at least one participant, got ${got}. Pass agents, or executors that handle GroupChatRequest.`,
    },
  ];
}

function notAParticipant(index: number, source: unknown): ValidationIssue {
  return {
    code: 'not-a-participant',
    message: `Expected participant ${index} to be an agent, an executor, or a factory of an executor, got ${describeValue(source)}. Pass the participant itself, not its name.`,
  };
}

function validateOne(
  { name }: Participant,
  index: number,
  { leaderName }: ParticipantOptions,
): ValidationIssue[] {
  if (typeof name !== 'string' || name === '') {
    return [
      {
        code: 'participant-without-name',
        message: `Expected participant ${index} to have a name, got ${describeValue(name)}. Name it: others address it by name.`,
      },
    ];
  }
  if (name.toLowerCase() !== leaderName.toLowerCase()) return [];
  return [
    {
      code: 'duplicate-participant',
      message: `Participant ${index} is called "${name}" as the orchestrator is (case aside), so nobody could tell them apart. Rename one; one agent cannot both lead and take part.`,
    },
  ];
}

function validateNames(participants: readonly (Participant | undefined)[]): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const seen = new Map<string, number>();
  for (const [index, participant] of participants.entries()) {
    const name: unknown = participant?.name;
    if (typeof name !== 'string' || name === '') continue;
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      issues.push({
        code: 'duplicate-participant',
        message: `Participants ${other} and ${index} are both called "${name}" (case aside), so nobody could tell them apart. Rename one; for the same agent twice use agentExecutor(agent, { id }).`,
      });
    }
    seen.set(name.toLowerCase(), index);
  }
  return issues;
}

/**
 * Finds whom a model means: the exact name, else the one name that is the same but for case, quotes, `_` and spaces.
 *
 * Returns `undefined` where nobody or more than one fits.
 */
export function matchName(answer: string, names: readonly string[]): string | undefined {
  if (names.includes(answer)) return answer;
  const wanted = normalise(answer);
  const matches = names.filter((name) => normalise(name) === wanted);
  return matches.length === 1 ? matches[0] : undefined;
}

function normalise(name: string): string {
  return name
    .trim()
    .replaceAll(/^["'`“”‘’*]+|["'`“”‘’*.]+$/g, '')
    .replaceAll('\\_', '_')
    .replaceAll(/[\s_-]+/g, ' ')
    .toLowerCase();
}
