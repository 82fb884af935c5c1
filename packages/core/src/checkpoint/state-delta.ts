import { isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';
import { type JsonPath, type Places } from './places.ts';
import { ReferenceLists, referenceOf } from './reference-lists.ts';

/**
 * What a place becomes; of references `r`, a single one stands without its list.
 *
 * - A text, a number, a boolean or `null` is put there, and so is `[index]`, the reference `{ "$r": index }`.
 * - `{ "=": value }` puts another value there, `{ "l": [indexes] }` a list of references.
 * - `{ "-": [keys] }` removes fields of the object there.
 * - `{ "a": length, "+": [items], "r": [indexes] }` shortens the list there to `length`, and appends items or
 *   references; without a length it stays as long as it is.
 * - `{ "n": { key: change } }` puts a new object there, of any of these but `-` and `a` alone.
 * - `{ "f": place, "a": length, "+": [items], "r": [indexes] }` puts a list there that begins as one of the base does.
 */
export type JsonChange = JsonValue;

/**
 * Changes in the order they are made, each under `p` and the number of its place. A field that is not there yet is
 * appended.
 *
 * An object, since much the same places change again and again: `KeyLists` then tells them by a number.
 */
export type JsonPatch = Readonly<Record<string, JsonChange>>;

/** What has to change for `base` to become `next`, the order of keys included; nothing where they are equal. */
export function diffJson(base: JsonValue, next: JsonValue, places: Places): JsonPatch {
  return new Comparison(base, places).patchTo(next);
}

interface FoundChange {
  readonly path: JsonPath;
  readonly change: JsonChange;
}

/** An object with other fields than the one before. */
interface OtherKeys {
  readonly baseKeys: readonly string[];
  readonly next: JsonObject;
  readonly nextKeys: readonly string[];
}

/** One comparison while it lasts: where it is, and what it has found. */
class Comparison {
  readonly #base: JsonValue;
  readonly #places: Places;
  #lists: ReferenceLists | undefined;
  readonly #path: (string | number)[] = [];
  readonly #found: FoundChange[] = [];

  constructor(base: JsonValue, places: Places) {
    this.#base = base;
    this.#places = places;
  }

  patchTo(next: JsonValue): JsonPatch {
    this.#compare(this.#base, next);
    const patch: Record<string, JsonChange> = {};
    for (const { path, change } of this.#found) patch[this.#places.nameOf(path)] = change;
    return patch;
  }

  #compare(base: JsonValue, next: JsonValue): void {
    if (base === next) return;
    if (isList(base) && isList(next)) this.#compareLists(base, next);
    else if (isObject(base) && isObject(next) && !isAtom(base) && !isAtom(next))
      this.#compareObjects(base, next);
    else if (!isSameAtom(base, next)) this.#tell(this.#replace(next));
  }

  #compareAt(key: string | number, base: JsonValue, next: JsonValue): void {
    if (base === next) return;
    this.#path.push(key);
    this.#compare(base, next);
    this.#path.pop();
  }

  #tell(change: JsonChange): void {
    this.#found.push({ path: [...this.#path], change });
  }

  #compareLists(base: readonly JsonValue[], next: readonly JsonValue[]): void {
    const kept = Math.min(base.length, next.length);
    const before = this.#found.length;
    for (let index = 0; index < kept; index += 1)
      this.#compareAt(index, base[index] ?? null, next[index] ?? null);
    if (this.#isAllNew(before, kept)) {
      this.#found.length = before;
      if (base.length > 0 || next.length > 0) this.#tell(this.#replace(next));
      return;
    }
    if (kept === base.length && kept === next.length) return;
    this.#tell({
      ...(kept === base.length ? {} : { a: kept }),
      ...(kept === next.length ? {} : added(next.slice(kept))),
    });
  }

  /** Whether each of the first items of a list is another one. */
  #isAllNew(before: number, kept: number): boolean {
    if (this.#found.length - before !== kept) return false;
    const depth = this.#path.length + 1;
    return this.#found
      .slice(before)
      .every(({ path, change }) => path.length === depth && isNew(change));
  }

  #compareObjects(base: JsonObject, next: JsonObject): void {
    const baseKeys = Object.keys(base);
    const nextKeys = Object.keys(next);
    if (isSameList(baseKeys, nextKeys)) {
      const baseValues = Object.values(base);
      const nextValues = Object.values(next);
      for (let index = 0; index < nextKeys.length; index += 1)
        this.#compareAt(
          nextKeys[index] ?? '',
          baseValues[index] ?? null,
          nextValues[index] ?? null,
        );
      return;
    }
    if (!this.#tellKeys({ baseKeys, next, nextKeys })) return;
    for (const key of nextKeys) {
      const value = next[key] ?? null;
      if (Object.hasOwn(base, key)) this.#compareAt(key, base[key] ?? null, value);
      else this.#append(key, value);
    }
  }

  /**
   * Removes the fields that are gone.
   *
   * Says whether the others can be told one by one: a patch keeps the order of the fields it leaves and appends new
   * ones, so that any other order is told whole here.
   */
  #tellKeys({ baseKeys, next, nextKeys }: OtherKeys): boolean {
    const kept = baseKeys.filter((key) => Object.hasOwn(next, key));
    const isReordered = kept.some((key, index) => nextKeys[index] !== key);
    if (isReordered || (kept.length === 0 && baseKeys.length > 0)) {
      this.#tell(this.#replace(next));
      return false;
    }
    if (kept.length < baseKeys.length)
      this.#tell({ '-': baseKeys.filter((key) => !Object.hasOwn(next, key)) });
    return true;
  }

  #append(key: string, value: JsonValue): void {
    this.#path.push(key);
    this.#tell(this.#replace(value));
    this.#path.pop();
  }

  /** Puts a value in another's place; lists in it that begin as one of the base does are not told again. */
  #replace(next: JsonValue): JsonChange {
    if (isList(next)) return this.#replaceByList(next);
    if (!isObject(next)) return next;
    const reference = referenceOf(next);
    if (reference !== undefined) return [reference];
    const fields = Object.entries(next).map(([key, value]) => [key, this.#replace(value)] as const);
    return fields.every(([, change]) => isLiteral(change))
      ? { '=': next }
      : { n: Object.fromEntries(fields) };
  }

  #replaceByList(next: readonly JsonValue[]): JsonChange {
    this.#lists ??= new ReferenceLists(this.#base);
    const known = this.#lists.find(next);
    if (known === undefined) {
      const references = next.length === 0 ? undefined : referencesIn(next);
      return references === undefined ? { '=': next } : { l: references };
    }
    const rest = next.slice(known.length);
    const place = this.#places.numberOf(known.path);
    return { f: place, a: known.length, ...(rest.length === 0 ? {} : added(rest)) };
  }
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1)
    if (left[index] !== right[index]) return false;
  return true;
}

function added(items: readonly JsonValue[]): JsonObject {
  const references = referencesIn(items);
  if (references === undefined) return { '+': items };
  const [only = references] = references;
  return { r: references.length === 1 ? only : references };
}

/** The numbers that a list of nothing but references refers to. */
function referencesIn(items: readonly JsonValue[]): readonly number[] | undefined {
  const references: number[] = [];
  for (const item of items) {
    const reference = referenceOf(item);
    if (reference === undefined) return undefined;
    references.push(reference);
  }
  return references;
}

/** Whether a change does not build on what was there. */
function isNew(change: JsonChange): boolean {
  return isLiteral(change) || (isObject(change) && ('n' in change || 'f' in change));
}

/** Whether a change says what is new by itself. */
function isLiteral(change: JsonChange): boolean {
  return !isObject(change) || '=' in change || 'l' in change;
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

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return isRecord(value);
}
