import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { describeValue, isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';
import { MAX_DEPTH } from './deep-frozen.ts';
import { type JsonPath, type Places } from './places.ts';

/** A list or object of the copy, which may be changed. */
type Container = JsonValue[] | Record<string, JsonValue>;

/** Encoded values nest two levels for each of their own. */
const MOST_LEVELS = 2 * MAX_DEPTH;

/**
 * The value that `diffJson` was given as `next`; the base is not changed, and what stays the same is shared with it.
 *
 * @throws {CheckpointDecodeError} when the patch is none, or does not fit the base.
 */
export function patchJson(base: JsonValue, patch: JsonValue, places: Places): JsonValue {
  if (!isObject(patch)) throw refused('it is no patch', patch);
  const copy = new PatchedCopy(base, places);
  for (const [place, change] of Object.entries(patch)) {
    if (!place.startsWith('p')) throw refused('it names no place', place);
    copy.change(places.pathOf(Number(place.slice(1))), change);
  }
  return copy.value;
}

/** A copy of the base, as far as it has changed. */
class PatchedCopy {
  readonly #base: JsonValue;
  readonly #places: Places;
  /** The value as the only item of a list, so that it is replaced like every part of it. */
  readonly #root: JsonValue[];
  readonly #own = new Map<JsonValue | undefined, Container>();

  constructor(base: JsonValue, places: Places) {
    this.#base = base;
    this.#places = places;
    this.#root = [base];
  }

  get value(): JsonValue {
    return this.#root[0] ?? null;
  }

  change(path: JsonPath, change: JsonValue): void {
    let container: Container = this.#root;
    let key: string | number = 0;
    for (const next of path) {
      container = this.#ownAt(container, key);
      key = next;
    }
    const before = partOf(container, key);
    if (before === undefined && (Array.isArray(container) || typeof key === 'number'))
      throw refused('it changes an item that is not there', key);
    put(container, key, this.#changed(before, change));
  }

  /** The list or object within another, as one that may be changed. */
  #ownAt(container: Container, key: string | number): Container {
    const inner = partOf(container, key);
    const own = this.#own.get(inner);
    if (own !== undefined) return own;
    const copy = copyOf(inner);
    if (copy === undefined) throw refused('it changes a part that is not there', key);
    this.#own.set(copy, copy);
    put(container, key, copy);
    return copy;
  }

  #changed(before: JsonValue | undefined, change: JsonValue): JsonValue {
    if (isObject(change)) {
      if ('-' in change) return withoutFields(before, change['-']);
      if (!('f' in change) && ('a' in change || '+' in change || 'r' in change))
        return changedList(before, change);
    }
    return this.#made(change, 0);
  }

  /** What a change makes that does not build on what was there. */
  #made(change: JsonValue, depth: number): JsonValue {
    if (depth > MOST_LEVELS) throw refused('it is nested too deep', change);
    if (isList(change)) return referenceTo(change.length === 1 ? change[0] : change);
    if (!isObject(change)) return change;
    if ('=' in change) return change['='] ?? null;
    if ('l' in change) return referencesTo(change['l']);
    if ('f' in change) return changedList(this.#listAt(change['f']), change);
    const { n: fields } = change;
    if (!isObject(fields)) throw refused('it does not fit what it changes', change);
    const made: Record<string, JsonValue> = {};
    for (const [key, field] of Object.entries(fields)) put(made, key, this.#made(field, depth + 1));
    return made;
  }

  #listAt(place: JsonValue | undefined): JsonValue | undefined {
    let value: JsonValue | undefined = this.#base;
    for (const key of this.#places.pathOf(place)) value = partOf(value, key);
    return value;
  }
}

function copyOf(value: JsonValue | undefined): Container | undefined {
  if (isList(value)) return [...value];
  return isObject(value) ? { ...value } : undefined;
}

function put(container: Container, key: string | number, value: JsonValue): void {
  if (key === '__proto__') throw refused('it has a key "__proto__"', value);
  if (!Array.isArray(container)) container[key] = value;
  else if (typeof key === 'number') container[key] = value;
}

function partOf(value: JsonValue | undefined, key: string | number): JsonValue | undefined {
  if (isList(value)) return typeof key === 'number' ? value[key] : undefined;
  return isObject(value) && typeof key === 'string' && Object.hasOwn(value, key)
    ? value[key]
    : undefined;
}

function withoutFields(before: JsonValue | undefined, removed: JsonValue | undefined): JsonValue {
  if (!isObject(before) || !isList(removed)) throw refused('it removes no fields', removed);
  return Object.fromEntries(Object.entries(before).filter(([key]) => !removed.includes(key)));
}

/** A list as it begins, with what is appended. */
function changedList(
  list: JsonValue | undefined,
  { a: length, '+': items = [], r: references = [] }: JsonObject,
): JsonValue {
  if (!isList(list)) throw refused('it is no patch of a list', list);
  if (!isList(items)) throw refused('it appends no list', items);
  const appended = isList(references) ? referencesTo(references) : [referenceTo(references)];
  return [...beginningOf(list, length ?? list.length), ...items, ...appended];
}

function beginningOf(list: readonly JsonValue[], length: JsonValue): readonly JsonValue[] {
  if (isCount(length) && length <= list.length) return list.slice(0, length);
  throw refused('it keeps more of a list than there is', length);
}

function referencesTo(indexes: JsonValue | undefined): readonly JsonValue[] {
  if (!isList(indexes)) throw refused('it is no list of references', indexes);
  return indexes.map(referenceTo);
}

function referenceTo(index: JsonValue | undefined): JsonValue {
  if (!isCount(index)) throw refused('it is no reference', index);
  return { $r: index };
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
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
