import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { describeValue, isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';

/**
 * What turns one JSON value into another.
 *
 * - `{ "=": value }` puts another value in its place.
 * - `{ "o": { key: patch }, "-": [keys] }` changes an object's fields, adds new ones at the end, and removes some.
 * - `{ "a": length, "i": { index: patch }, "+": [items] }` shortens a list to `length`, changes items, and appends.
 */
export type JsonPatch = JsonObject;

/** What has to change for `base` to become `next`; `undefined` where they are equal, the order of keys included. */
export function diffJson(base: JsonValue, next: JsonValue): JsonPatch | undefined {
  if (base === next) return undefined;
  if (isList(base) && isList(next)) return diffLists(base, next);
  if (isObject(base) && isObject(next)) return diffObjects(base, next);
  return { '=': next };
}

function diffLists(base: readonly JsonValue[], next: readonly JsonValue[]): JsonPatch | undefined {
  const kept = Math.min(base.length, next.length);
  const changes = diffItems(base, next, kept);
  const added = next.slice(kept);
  if (changes.length === 0 && added.length === 0 && kept === base.length) return undefined;
  const isOther = kept > 0 && changes.length === kept && changes.every(([, patch]) => '=' in patch);
  if (isOther) return { '=': next };
  return {
    a: kept,
    ...(changes.length === 0 ? {} : { i: Object.fromEntries(changes) }),
    ...(added.length === 0 ? {} : { '+': added }),
  };
}

function diffItems(
  base: readonly JsonValue[],
  next: readonly JsonValue[],
  length: number,
): [string, JsonPatch][] {
  const changes: [string, JsonPatch][] = [];
  for (let index = 0; index < length; index += 1) {
    const patch = diffJson(base[index] ?? null, next[index] ?? null);
    if (patch !== undefined) changes.push([String(index), patch]);
  }
  return changes;
}

function diffObjects(base: JsonObject, next: JsonObject): JsonPatch | undefined {
  const nextKeys = Object.keys(next);
  const removed = Object.keys(base).filter((key) => !Object.hasOwn(next, key));
  const kept = Object.keys(base).filter((key) => Object.hasOwn(next, key));
  // A patch keeps the order of the fields it leaves and appends new ones; any other order is told whole.
  if (kept.some((key, index) => nextKeys[index] !== key)) return { '=': next };
  const changes: [string, JsonPatch][] = [];
  for (const key of nextKeys) {
    const patch = Object.hasOwn(base, key)
      ? diffJson(base[key] ?? null, next[key] ?? null)
      : { '=': next[key] ?? null };
    if (patch !== undefined) changes.push([key, patch]);
  }
  if (changes.length === 0 && removed.length === 0) return undefined;
  return {
    o: Object.fromEntries(changes),
    ...(removed.length === 0 ? {} : { '-': removed }),
  };
}

/**
 * The value that `diffJson` was given as `next`; neither argument is changed.
 *
 * @throws {CheckpointDecodeError} when the patch is none, or does not fit the base.
 */
export function patchJson(base: JsonValue, patch: JsonValue, depth = 0): JsonValue {
  if (depth > MAX_PATCH_DEPTH) throw refused('it is nested too deep', patch);
  if (!isObject(patch)) throw refused('it is no patch', patch);
  if ('=' in patch) return patch['='] ?? null;
  if ('a' in patch && isList(base)) return patchList(base, patch, depth);
  if ('o' in patch && isObject(base)) return patchObject(base, patch, depth);
  throw refused('it does not fit what it changes', patch);
}

/** Encoded values nest two levels for each of their own. */
const MAX_PATCH_DEPTH = 2000;

function patchList(base: readonly JsonValue[], patch: JsonPatch, depth: number): JsonValue {
  const { a: length, i: changes = {}, '+': added = [] } = patch;
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length > base.length)
    throw refused('it keeps more of a list than there is', length);
  if (!isObject(changes) || !isList(added)) throw refused('it is no patch of a list', patch);
  const list = base.slice(0, length);
  for (const [key, change] of Object.entries(changes)) {
    const index = Number(key);
    const item = list[index];
    if (item === undefined) throw refused('it changes an item that is not there', key);
    list[index] = patchJson(item, change, depth + 1);
  }
  return [...list, ...added];
}

function patchObject(base: JsonObject, patch: JsonPatch, depth: number): JsonValue {
  const { o: changes, '-': removed = [] } = patch;
  if (!isObject(changes) || !isList(removed)) throw refused('it is no patch of an object', patch);
  const fields = new Map(Object.entries(base).filter(([key]) => !removed.includes(key)));
  for (const [key, change] of Object.entries(changes)) {
    const field = fields.get(key);
    fields.set(
      key,
      field === undefined ? newField(key, change) : patchJson(field, change, depth + 1),
    );
  }
  return Object.fromEntries(fields);
}

function newField(key: string, change: JsonValue): JsonValue {
  if (key === '__proto__') throw refused('it has a key "__proto__"', change);
  if (isObject(change) && '=' in change) return change['='] ?? null;
  throw refused('it changes a field that is not there', key);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return isRecord(value);
}

function refused(problem: string, got: unknown): CheckpointDecodeError {
  return new CheckpointDecodeError(`a change cannot be applied: ${problem}: ${describeValue(got)}`);
}
