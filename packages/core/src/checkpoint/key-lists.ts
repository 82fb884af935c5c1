import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { describeValue, type JsonObject, type JsonValue } from '../primitives/json.ts';
import { MAX_DEPTH } from './deep-frozen.ts';

/** Objects with more keys than this are left as they are: they are tables, and no two have the same keys. */
const MOST_KEYS = 100;

/** What stands for no list of keys: a list that begins with a number begins with it. */
const NO_KEYS = 0;

/** Encoded values nest up to two levels for each of their own, changes two for each of those, and some come around. */
const MOST_LEVELS = 4 * MAX_DEPTH + 10;

/** Some keys in a row, and those that follow them. */
interface KeyNode {
  /** Of the list that ends here; `NO_KEYS` where none does. */
  number: number;
  readonly next: Map<string, KeyNode>;
}

/**
 * Numbers the lists of keys that objects have, so that each is told once: most objects look like earlier ones.
 *
 * `{ "role": "user", "text": "hi" }` is packed as `[3, "user", "hi"]`, and `[1, 2]` as `[0, 1, 2]`; what is neither an
 * object nor begins with a number stays as it is.
 *
 * Owns the numbers of a chain.
 *
 * Invariants:
 * - N1: a number that was given since the last `commit` is forgotten by `rollback`.
 */
export class KeyLists {
  readonly #root: KeyNode = newNode();
  readonly #nodes: KeyNode[] = [this.#root];
  readonly #lists: (readonly string[])[] = [[]];
  #committed = 1;

  /** The same value without the keys of its objects; gives them numbers where they have none. */
  pack(json: JsonValue): JsonValue {
    if (typeof json !== 'object' || json === null) return json;
    if (isList(json)) {
      const packed: JsonValue[] = typeof json[0] === 'number' ? [NO_KEYS] : [];
      for (const item of json) packed.push(this.pack(item));
      return packed;
    }
    const keys = Object.keys(json);
    if (keys.length === 0) return json;
    if (keys.length > MOST_KEYS)
      return Object.fromEntries(keys.map((key) => [key, this.pack(json[key] ?? null)]));
    const packed: JsonValue[] = [this.#numberOf(keys)];
    for (const value of Object.values(json)) packed.push(this.pack(value));
    return packed;
  }

  /** What was numbered since the last `commit`. */
  get added(): readonly (readonly string[])[] {
    return this.#lists.length === this.#committed ? NONE : this.#lists.slice(this.#committed);
  }

  /** Keeps the numbers that were given. */
  commit(): void {
    this.#committed = this.#lists.length;
  }

  /** N1 */
  rollback(): void {
    if (this.#lists.length === this.#committed) return;
    for (const node of this.#nodes.splice(this.#committed)) node.number = NO_KEYS;
    this.#lists.length = this.#committed;
  }

  /**
   * Takes over what `added` told.
   *
   * @throws {CheckpointDecodeError} when it is something else.
   */
  read(lists: JsonValue): void {
    if (!isList(lists)) throw refused('lists of keys', lists);
    for (const keys of lists) {
      if (!isKeyList(keys) || keys.length === 0) throw refused('a list of keys', keys);
      this.#numberOf(keys);
    }
    this.commit();
  }

  /**
   * The value that `pack` was given.
   *
   * @throws {CheckpointDecodeError} when it is none that `pack` made.
   */
  unpack(packed: JsonValue, depth = 0): JsonValue {
    if (typeof packed !== 'object' || packed === null) return packed;
    if (depth > MOST_LEVELS) throw refused('less nesting', packed);
    if (!isList(packed)) return this.#unpackFields(packed, depth);
    const parts: JsonValue[] = [];
    for (const part of packed) parts.push(this.unpack(part, depth + 1));
    const [number] = packed;
    if (typeof number !== 'number') return parts;
    parts.shift();
    if (number === NO_KEYS) return parts;
    const keys = this.#lists[number];
    if (keys?.length !== parts.length) throw refused('an object without its keys', packed);
    return Object.fromEntries(keys.map((key, index) => [key, parts[index] ?? null]));
  }

  #unpackFields(packed: JsonObject, depth: number): JsonValue {
    const fields: [string, JsonValue][] = [];
    for (const key of Object.keys(packed))
      fields.push([key, this.unpack(packed[key] ?? null, depth + 1)]);
    return Object.fromEntries(fields);
  }

  #numberOf(keys: readonly string[]): number {
    let node = this.#root;
    for (const key of keys) {
      let next = node.next.get(key);
      if (next === undefined) {
        next = newNode();
        node.next.set(key, next);
      }
      node = next;
    }
    if (node.number === NO_KEYS) {
      node.number = this.#lists.length;
      this.#nodes.push(node);
      this.#lists.push(keys);
    }
    return node.number;
  }
}

const NONE: readonly (readonly string[])[] = [];

function newNode(): KeyNode {
  return { number: NO_KEYS, next: new Map() };
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isKeyList(value: JsonValue): value is readonly string[] {
  return isList(value) && value.every((key) => typeof key === 'string');
}

function refused(expected: string, got: unknown): CheckpointDecodeError {
  return new CheckpointDecodeError(`expected ${expected}, got ${describeValue(got)}`);
}
