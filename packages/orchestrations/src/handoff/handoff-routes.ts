import { type ValidationIssue } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';
import { isRecord } from '../shared/is-record.ts';
import { type Participant } from '../shared/participants.ts';
import { handoffToolName, MAX_TOOL_NAME } from './handoff-tools.ts';

/** Who may hand over to whom, by name; an agent that is not named hands over to nobody. */
export type HandoffRoutes = Readonly<Record<string, readonly string[]>>;

/** The ways on from each participant, in order, and what is wrong with them. */
export interface ResolvedRoutes {
  readonly targets: ReadonlyMap<string, readonly string[]>;
  readonly issues: readonly ValidationIssue[];
}

/** Reads routes; without any everybody may hand over to everybody else. */
export function resolveRoutes(
  participants: readonly Participant[],
  routes: HandoffRoutes | undefined,
): ResolvedRoutes {
  const names = participants.map(({ name }) => name);
  if (routes === undefined) {
    const mesh = names.map((name) => [name, names.filter((other) => other !== name)] as const);
    return { targets: new Map(mesh), issues: [] };
  }
  // Callers without types may pass anything.
  const given: unknown = routes;
  if (!isRecord(given)) return { targets: new Map(), issues: [noRoutes(given)] };
  const entries = Object.entries(given);
  const issues = entries.flatMap(([source, targets]) => validateRoute(source, targets, names));
  return {
    issues,
    targets: new Map(
      entries.map(([source, targets]) => [source, [...new Set(listOf(targets).map(String))]]),
    ),
  };
}

/** What is wrong with the tools that routes make beside an agent's own. */
export function validateToolNames(
  source: string,
  targets: readonly string[],
  ownTools: readonly string[],
): ValidationIssue[] {
  const taken = new Map(ownTools.map((tool) => [tool, `its own tool "${tool}"`]));
  return targets.flatMap((target) => {
    const tool = handoffToolName(target);
    const other = taken.get(tool);
    taken.set(tool, `the handoff to "${target}"`);
    return [
      ...(tool.length > MAX_TOOL_NAME ? [nameTooLong(target, tool)] : []),
      ...(other === undefined ? [] : [toolTaken(source, target, other)]),
    ];
  });
}

function validateRoute(
  source: string,
  targets: unknown,
  names: readonly string[],
): ValidationIssue[] {
  const unknownSource = names.includes(source)
    ? []
    : [unknownName(`a source of routes`, source, names)];
  if (!Array.isArray(targets)) {
    return [
      ...unknownSource,
      {
        code: 'invalid-routes',
        message: `Expected the routes of "${source}" to be a list of names, got ${describeValue(targets)}. Write { ${source}: ['name'] }.`,
      },
    ];
  }
  return [
    ...unknownSource,
    ...targets.flatMap((target: unknown) => {
      if (target === source) return [handsToItself(source)];
      if (typeof target === 'string' && names.includes(target)) return [];
      return [unknownName(`a target of routes from "${source}"`, target, names)];
    }),
  ];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The issue of a name that is no participant's. */
export function unknownName(
  what: string,
  name: unknown,
  names: readonly string[],
): ValidationIssue {
  return {
    code: 'unknown-participant',
    message: `Expected ${what} to be one of ${names.join(', ')}, got ${describeValue(name)}. Name a participant.`,
  };
}

function noRoutes(given: unknown): ValidationIssue {
  return {
    code: 'invalid-routes',
    message: `Expected routes to be names by name, got ${describeValue(given)}. Write { triage: ['billing'] }, or leave routes out for everyone to everyone.`,
  };
}

function handsToItself(name: string): ValidationIssue {
  return {
    code: 'invalid-routes',
    message: `Expected "${name}" to hand over to others, got a route to itself. For turns without the user use autonomous.`,
  };
}

function nameTooLong(target: string, tool: string): ValidationIssue {
  return {
    code: 'handoff-tool-name',
    message: `Expected the tool "${tool}" to have at most ${MAX_TOOL_NAME} characters, got ${tool.length}. Give "${target}" a shorter name.`,
  };
}

function toolTaken(source: string, target: string, other: string): ValidationIssue {
  return {
    code: 'handoff-tool-name',
    message: `Expected the tool "${handoffToolName(target)}", by which "${source}" hands over to "${target}", to have a name of its own; ${other} has it. Rename one; what is no letter, digit, _ or - becomes _.`,
  };
}
