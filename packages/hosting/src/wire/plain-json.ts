import { type JsonValue } from '@colloquy/core';

/**
 * A value as JSON that a client can read: maps as objects, sets as lists, big numbers as text.
 *
 * Never throws; what has no JSON, such as a cycle, is told as a text that says so.
 */
export function plainJson(value: unknown): JsonValue {
  try {
    const text = JSON.stringify(value, (_key, each: unknown) => readable(each));
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return '[not representable as JSON]';
  }
}

function readable(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}
