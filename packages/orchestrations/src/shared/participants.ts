import {
  type AgentLike,
  AgentExecutor,
  ConfigurationError,
  Executor,
  type ExecutorSource,
  type ValidationIssue,
  WorkflowValidationError,
} from '@colloquy/core';

/** One who takes part in an orchestration. */
export interface Participant {
  /** The executor's id; for an agent its name. */
  readonly name: string;
  readonly description: string;
  /** Agents are told everything as it is said; other executors get it with their turn. */
  readonly kind: 'agent' | 'executor';
}

/** Anything that can take part: an agent, or an executor that handles `GroupChatRequest`. */
export type ParticipantSource = ExecutorSource;

/**
 * Reads names and descriptions off the sources, in order.
 *
 * @throws {WorkflowValidationError} with everything that is wrong: nobody, a missing name, names that differ only by case.
 */
export function resolveParticipants(
  workflowName: string,
  sources: readonly ParticipantSource[],
): readonly Participant[] {
  const participants = sources.map(describe);
  const issues = validate(participants);
  if (issues.length > 0) throw new WorkflowValidationError(workflowName, issues);
  return participants;
}

function describe(source: ParticipantSource): Participant {
  const example = typeof source === 'function' ? source() : source;
  if (example instanceof AgentExecutor) return describeAgent(example.agent, example.id);
  if (example instanceof Executor || 'handlers' in example) {
    return { name: example.id, description: '', kind: 'executor' };
  }
  return describeAgent(example, example.name);
}

function describeAgent({ description }: AgentLike, name: string): Participant {
  return { name, description, kind: 'agent' };
}

function validate(participants: readonly Participant[]): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  if (participants.length === 0) {
    issues.push({
      code: 'no-participants',
      message: 'Expected at least one participant, got an empty list.',
    });
  }
  const seen = new Map<string, number>();
  for (const [index, { name }] of participants.entries()) {
    if (typeof name !== 'string' || name === '') {
      issues.push({
        code: 'participant-without-name',
        message: `Expected participant ${index} to have a name, got ${JSON.stringify(name)}. Others address it by name.`,
      });
      continue;
    }
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      issues.push({
        code: 'duplicate-participant',
        message: `Participants ${other} and ${index} are both called "${name}" (case aside), so nobody could tell them apart. Rename one.`,
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

/** @throws {ConfigurationError} unless the value is a whole number, 1 or more, or `Infinity`. */
export function assertLimit(option: string, value: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= 1)) return;
  throw new ConfigurationError(
    `Expected ${option} to be a whole number, 1 or more, or Infinity for no limit, got ${String(value)}.`,
  );
}
