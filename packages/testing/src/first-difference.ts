import { inspect } from 'node:util';

import { type JsonValue } from '@colloquy/core';

/** Where two values begin to differ. */
export interface Difference {
  /** Such as `turns[0].events[3].type`. */
  readonly path: string;
  readonly actual: JsonValue | undefined;
  readonly expected: JsonValue | undefined;
}

/** The first place, in order of fields and items, where two values differ; `undefined` where they do not. */
export function firstDifference(
  actual: JsonValue | undefined,
  expected: JsonValue | undefined,
  path = '',
): Difference | undefined {
  if (Object.is(actual, expected)) return undefined;
  const [left, right] = [fieldsOf(actual), fieldsOf(expected)];
  const isSameKind = Array.isArray(actual) === Array.isArray(expected);
  if (left === undefined || right === undefined || !isSameKind) return { path, actual, expected };
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const inner = Array.isArray(actual) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const difference = firstDifference(left.get(key), right.get(key), inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function fieldsOf(value: JsonValue | undefined): Map<string, JsonValue> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}

/** The difference as a diff, with its path above. */
export function describeDifference({ path, actual, expected }: Difference): string {
  return `at ${path === '' ? 'the root' : path}:\n- ${show(expected)}\n+ ${show(actual)}`;
}

function show(value: JsonValue | undefined): string {
  if (value === undefined) return '(nothing)';
  const text = inspect(value, { depth: 6, breakLength: 100, maxStringLength: 300 });
  return text.replaceAll('\n', '\n  ');
}
