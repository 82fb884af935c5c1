import { EdgeError } from '../errors/workflow-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import {
  type EdgeGroup,
  type EdgePredicate,
  type MultiSelectionEdges,
  type SwitchCaseEdges,
  targetsOf,
} from '../graph/edge-group.ts';
import { describeValue } from '../primitives/json.ts';
import { isPromiseLike } from '../primitives/promise-like.ts';

const NOBODY: readonly string[] = [];

/**
 * Decides which executors of an edge group get a message; asks the group's conditions.
 *
 * Conditions see only messages that a target of theirs handles. A promise is returned only where a condition returns one.
 *
 * @throws {EdgeError} when a condition throws or a selection names an executor that the edge does not have.
 */
export function resolveTargets(
  group: EdgeGroup,
  message: unknown,
  handles: (executorId: string) => boolean,
): readonly string[] | Promise<readonly string[]> {
  // What nobody here handles is dropped by who delivers it; no condition is asked about it.
  if (isConditional(group) && !targetsOf(group).some(handles)) return targetsOf(group);
  switch (group.kind) {
    case 'single':
      if (group.when === undefined) return [group.target];
      return mapMaybe(ask(group.id, group.when, message), (holds) =>
        holds ? [group.target] : NOBODY,
      );
    case 'fanOut':
      return group.targets;
    case 'multiSelection':
      return select(group, message);
    case 'switchCase':
      return resolveSwitch(group, message, 0);
    case 'fanIn':
      return [group.target];
  }
}

function isConditional(group: EdgeGroup): boolean {
  switch (group.kind) {
    case 'single':
      return group.when !== undefined;
    case 'multiSelection':
    case 'switchCase':
      return true;
    case 'fanOut':
    case 'fanIn':
      return false;
  }
}

function resolveSwitch(
  group: SwitchCaseEdges,
  message: unknown,
  index: number,
): readonly string[] | Promise<readonly string[]> {
  const candidate = group.cases[index];
  if (candidate === undefined) return [group.defaultTarget];
  return mapMaybe(ask(group.id, candidate.when, message), (holds) =>
    holds ? [candidate.target] : resolveSwitch(group, message, index + 1),
  );
}

function select(
  group: MultiSelectionEdges,
  message: unknown,
): readonly string[] | Promise<readonly string[]> {
  const selected = guarded(group.id, () => group.select(message as never, group.targets));
  return mapMaybe(selected, (ids: unknown) => checkSelection(group, ids));
}

function checkSelection(group: MultiSelectionEdges, ids: unknown): readonly string[] {
  const known = (id: unknown): id is string => typeof id === 'string' && group.targets.includes(id);
  if (!Array.isArray(ids) || !ids.every(known)) {
    throw new EdgeError(
      group.id,
      `Expected select to return a list of ids out of ${group.targets.join(', ')}, got ${describeValue(ids)}.`,
    );
  }
  return [...new Set(ids)];
}

function ask(edgeId: string, when: EdgePredicate, message: unknown): boolean | Promise<boolean> {
  // Message types are the user's business: the builder took the predicate for messages of its source.
  return guarded(edgeId, () => when(message as never));
}

/** Names the edge in what a condition throws, at once or later. */
function guarded<T>(edgeId: string, call: () => T | Promise<T>): T | Promise<T> {
  const fail = (error: unknown): never => {
    throw new EdgeError(edgeId, `its condition threw ${messageOf(error)}`, error);
  };
  try {
    const answer = call();
    return isPromiseLike(answer) ? Promise.resolve(answer).catch(fail) : answer;
  } catch (error) {
    return fail(error);
  }
}

/** Goes on at once with a value, later with a promise; the hot path makes no promise. */
function mapMaybe<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
