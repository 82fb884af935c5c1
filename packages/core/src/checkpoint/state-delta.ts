import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { describeValue, isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';
import { ReferenceLists } from './reference-lists.ts';

/**
 * What turns one JSON value into another.
 *
 * - A text, a number, a boolean or `null` is put in the place of what was there.
 * - `{ "=": value }` puts another value in its place.
 * - `{ "o": { key: patch }, "-": [keys] }` changes an object's fields, adds new ones at the end, and removes some.
 * - `{ "a": length, "i": { index: patch }, "+": [items] }` shortens a list to `length`, changes items, and
 *   appends; without a length it stays as long as it is.
 * - `{ "n": { key: patch } }` puts a new object in its place, whose fields are `=`, `n` or `f`.
 * - `{ "f": [path], "a": length, "+": [items] }` puts a list in its place that begins as another one of the base does.
 */
export type JsonPatch = Exclude<JsonValue, readonly JsonValue[]>;

/** What has to change for `base` to become `next`; `undefined` where they are equal, the order of keys included. */
export function diffJson(base: JsonValue, next: JsonValue): JsonPatch | undefined {
  return new Comparison(base).diff(base, next);
}

/** One comparison while it lasts. */
class Comparison {
  readonly #lists: ReferenceLists;

  constructor(root: JsonValue) {
    this.#lists = new ReferenceLists(root);
  }

  diff(base: JsonValue, next: JsonValue): JsonPatch | undefined {
    if (base === next) return undefined;
    if (isList(base) && isList(next)) return this.#diffLists(base, next);
    if (isObject(base) && isObject(next) && !isAtom(base) && !isAtom(next))
      return this.#diffObjects(base, next);
    return isSameAtom(base, next) ? undefined : this.#replace(next);
  }

  #diffLists(base: readonly JsonValue[], next: readonly JsonValue[]): JsonPatch | undefined {
    const kept = Math.min(base.length, next.length);
    const changes = this.#diffItems(base, next, kept);
    const added = next.slice(kept);
    if (changes.length === 0 && added.length === 0 && kept === base.length) return undefined;
    const isOther =
      kept > 0 && changes.length === kept && changes.every(([, patch]) => isNew(patch));
    if (isOther || kept === 0) return this.#replace(next);
    return {
      ...(kept === base.length ? {} : { a: kept }),
      ...(changes.length === 0 ? {} : { i: Object.fromEntries(changes) }),
      ...(added.length === 0 ? {} : { '+': added }),
    };
  }

  #diffItems(
    base: readonly JsonValue[],
    next: readonly JsonValue[],
    length: number,
  ): [string, JsonPatch][] {
    const changes: [string, JsonPatch][] = [];
    for (let index = 0; index < length; index += 1) {
      const patch = this.diff(base[index] ?? null, next[index] ?? null);
      if (patch !== undefined) changes.push([String(index), patch]);
    }
    return changes;
  }

  #diffObjects(base: JsonObject, next: JsonObject): JsonPatch | undefined {
    const nextKeys = Object.keys(next);
    const baseKeys = Object.keys(base);
    const removed = baseKeys.filter((key) => !Object.hasOwn(next, key));
    const kept =
      removed.length === 0 ? baseKeys : baseKeys.filter((key) => Object.hasOwn(next, key));
    // A patch keeps the order of the fields it leaves and appends new ones; any other order is told whole.
    if (kept.some((key, index) => nextKeys[index] !== key)) return this.#replace(next);
    const changes = this.#diffFields(base, next);
    if (changes.length === 0 && removed.length === 0) return undefined;
    // Where every field is another, it is shorter to tell the object.
    if (changes.length === nextKeys.length && changes.every(([, patch]) => isLiteral(patch)))
      return { '=': next };
    return {
      o: Object.fromEntries(changes),
      ...(removed.length === 0 ? {} : { '-': removed }),
    };
  }

  #diffFields(base: JsonObject, next: JsonObject): [string, JsonPatch][] {
    const changes: [string, JsonPatch][] = [];
    for (const [key, value] of Object.entries(next)) {
      const patch = Object.hasOwn(base, key)
        ? this.diff(base[key] ?? null, value)
        : this.#replace(value);
      if (patch !== undefined) changes.push([key, patch]);
    }
    return changes;
  }

  /** Puts a value in another's place; lists in it that begin as one of the base does are not told again. */
  #replace(next: JsonValue): JsonPatch {
    if (isList(next)) {
      const known = this.#lists.find(next);
      if (known === undefined) return { '=': next };
      const added = next.slice(known.length);
      return { f: known.path, a: known.length, ...(added.length === 0 ? {} : { '+': added }) };
    }
    if (!isObject(next)) return next;
    const fields = Object.entries(next).map(([key, value]) => [key, this.#replace(value)] as const);
    return fields.every(([, patch]) => isLiteral(patch))
      ? { '=': next }
      : { n: Object.fromEntries(fields) };
  }
}

/** Whether a patch does not build on what was there. */
function isNew(patch: JsonValue): boolean {
  return isLiteral(patch) || (isObject(patch) && ('n' in patch || 'f' in patch));
}

/** Whether a patch says what is new by itself. */
function isLiteral(patch: JsonValue): boolean {
  return !isList(patch) && (!isObject(patch) || '=' in patch);
}

/** A reference or a tagged value, of which nothing can be kept. */
function isAtom(value: JsonObject): boolean {
  return '$r' in value || ('$' in value && value['$'] !== 'map' && value['$'] !== 'record');
}

function isSameAtom(base: JsonValue, next: JsonValue): boolean {
  if (!isObject(base) || !isObject(next)) return false;
  if ('$r' in base && '$r' in next) return base['$r'] === next['$r'];
  return JSON.stringify(base) === JSON.stringify(next);
}

/**
 * The value that `diffJson` was given as `next`; neither argument is changed.
 *
 * @throws {CheckpointDecodeError} when the patch is none, or does not fit the base.
 */
export function patchJson(base: JsonValue, patch: JsonValue): JsonValue {
  return applyPatch(base, patch, { root: base, depth: 0 });
}

/** Where in a patch one is, and what the whole of it changes. */
interface PatchPlace {
  readonly root: JsonValue;
  readonly depth: number;
}

function applyPatch(base: JsonValue | undefined, patch: JsonValue, place: PatchPlace): JsonValue {
  if (place.depth > MAX_PATCH_DEPTH) throw refused('it is nested too deep', patch);
  if (isList(patch)) throw refused('it is no patch', patch);
  if (!isObject(patch)) return patch;
  if ('=' in patch) return patch['='] ?? null;
  if ('n' in patch) return newObject(patch['n'], deeper(place));
  if ('f' in patch) return copyList(patch, place.root);
  if (isList(base) && isPatchOfList(patch)) return patchList(base, patch, deeper(place));
  if ('o' in patch && isObject(base)) return patchObject(base, patch, deeper(place));
  throw refused('it does not fit what it changes', patch);
}

function isPatchOfList(patch: JsonObject): boolean {
  return 'a' in patch || 'i' in patch || '+' in patch;
}

function deeper({ root, depth }: PatchPlace): PatchPlace {
  return { root, depth: depth + 1 };
}

function newObject(fields: JsonValue | undefined, place: PatchPlace): JsonValue {
  if (!isObject(fields)) throw refused('it makes no object', fields);
  return Object.fromEntries(
    Object.entries(fields).map(([key, change]) => [key, newField(key, change, place)]),
  );
}

function copyList({ f: path, a: length, '+': added = [] }: JsonObject, root: JsonValue): JsonValue {
  if (!isList(path) || !isList(added)) throw refused('it copies no list', path);
  let list: JsonValue | undefined = root;
  for (const key of path) list = partOf(list, key);
  if (!isList(list)) throw refused('it copies a list that is not there', path);
  return [...beginningOf(list, length), ...added];
}

function partOf(value: JsonValue | undefined, key: JsonValue): JsonValue | undefined {
  if (isList(value)) return typeof key === 'number' ? value[key] : undefined;
  return isObject(value) && typeof key === 'string' && Object.hasOwn(value, key)
    ? value[key]
    : undefined;
}

function beginningOf(list: readonly JsonValue[], length: JsonValue | undefined): JsonValue[] {
  if (
    typeof length === 'number' &&
    Number.isInteger(length) &&
    length >= 0 &&
    length <= list.length
  )
    return list.slice(0, length);
  throw refused('it keeps more of a list than there is', length);
}

/** Encoded values nest two levels for each of their own. */
const MAX_PATCH_DEPTH = 2000;

function patchList(base: readonly JsonValue[], patch: JsonObject, place: PatchPlace): JsonValue {
  const { a: length = base.length, i: changes = {}, '+': added = [] } = patch;
  const list = beginningOf(base, length);
  if (!isObject(changes) || !isList(added)) throw refused('it is no patch of a list', patch);
  for (const [key, change] of Object.entries(changes)) {
    const index = Number(key);
    const item = list[index];
    if (item === undefined) throw refused('it changes an item that is not there', key);
    list[index] = applyPatch(item, change, place);
  }
  return [...list, ...added];
}

function patchObject(base: JsonObject, patch: JsonObject, place: PatchPlace): JsonValue {
  const { o: changes, '-': removed = [] } = patch;
  if (!isObject(changes) || !isList(removed)) throw refused('it is no patch of an object', patch);
  const fields = new Map(Object.entries(base).filter(([key]) => !removed.includes(key)));
  for (const [key, change] of Object.entries(changes)) {
    const field = fields.get(key);
    fields.set(
      key,
      field === undefined ? newField(key, change, place) : applyPatch(field, change, place),
    );
  }
  return Object.fromEntries(fields);
}

function newField(key: string, change: JsonValue, place: PatchPlace): JsonValue {
  if (key === '__proto__') throw refused('it has a key "__proto__"', change);
  if (isNew(change)) return applyPatch(undefined, change, place);
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
