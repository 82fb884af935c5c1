import { CheckpointEncodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';
import { toBase64 } from './base64.ts';
import { findCodecFor } from './codec-registry.ts';
import { isDeepFrozen, MAX_DEPTH } from './deep-frozen.ts';

/** A value as JSON, with the deeply frozen objects that were not stored before. */
export interface EncodedValue {
  readonly json: JsonValue;
  /** Each refers to earlier ones only. */
  readonly newValues: readonly JsonValue[];
}

/** An encoded value that becomes part of the chain once it has been stored. */
export interface DraftValue extends EncodedValue {
  readonly commit: () => void;
}

/**
 * Encodes values as JSON, without loss or not at all.
 *
 * What JSON has no word for is `{ "$": tag, "v": … }`; a key of the user's that begins with `$` gets one more, so data
 * can never look like a tag. A deeply frozen object is stored once: wherever it occurs stands `{ "$r": index }`, and
 * after decoding it is one object again. So is a long text. A small frozen object without parts of its own is written
 * where it stands, which takes less.
 *
 * Owns which frozen objects and long texts have been stored, and the references that lists of them begin with.
 *
 * Invariants:
 * - V1: a value counts as stored only after `commit`.
 */
export class ValueEncoder {
  readonly #stored = new StoredIndexes();

  /** @param stored - What is stored already, in the order of the indexes. */
  constructor(stored: readonly StoredValue[] = []) {
    for (const value of stored) this.#stored.add(value);
  }

  /** @throws {CheckpointEncodeError} with the path of what cannot be carried. */
  encode(value: unknown): DraftValue {
    const walk = new EncodingWalk(this.#stored);
    return this.#draft(walk.encode(value), walk);
  }

  /** Encodes what `toJson` makes JSON of, with the walk for what it does not know. */
  encodeWith<T>(value: T, toJson: (value: T, walk: EncodingWalk) => JsonValue): DraftValue {
    const walk = new EncodingWalk(this.#stored);
    return this.#draft(toJson(value, walk), walk);
  }

  #draft(json: JsonValue, walk: EncodingWalk): DraftValue {
    return {
      json,
      newValues: walk.newValues,
      commit: () => {
        for (const stored of walk.newStored) this.#stored.add(stored);
        for (const list of walk.newLists) this.#stored.addList(list);
        for (const [list, items] of walk.newFrozenLists) this.#stored.frozenLists.set(list, items);
      },
    };
  }
}

/** What is stored once: a deeply frozen object, or a long text. */
export type StoredValue = object | string;

/** Texts from this length on are stored once. */
const LONG_TEXT = 20;
/** Frozen objects without parts of their own are stored once from this length of JSON on. */
const LONG_RECORD = 64;
/** Lists of references from this length on are remembered. */
const LONG_LIST = 6;

/** A list of stored objects with its references; nothing of it can ever change. */
interface EncodedList {
  readonly items: readonly unknown[];
  readonly references: readonly JsonValue[];
}

/** The indexes of what is stored; objects are not kept alive by it. */
class StoredIndexes {
  readonly #objects: WeakMap<object, number> = new WeakMap();
  readonly #texts = new Map<string, number>();
  /** By first item: a conversation that grows is encoded from where it has grown. */
  readonly #lists: WeakMap<object, EncodedList> = new WeakMap();
  /** Deeply frozen lists, which are told the same way each time. */
  readonly frozenLists: WeakMap<object, JsonValue> = new WeakMap();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get(value: StoredValue): number | undefined {
    return typeof value === 'string' ? this.#texts.get(value) : this.#objects.get(value);
  }

  add(value: StoredValue): void {
    if (typeof value === 'string') this.#texts.set(value, this.#count);
    else if (!this.#objects.has(value)) this.#objects.set(value, this.#count);
    this.#count += 1;
  }

  addList(list: EncodedList): void {
    const [first] = list.items;
    if (typeof first === 'object' && first !== null) this.#lists.set(first, list);
  }

  /** The references that a list begins with, as far as they are remembered. */
  beginningOf(list: readonly unknown[]): readonly JsonValue[] {
    const [first] = list;
    const known = typeof first === 'object' && first !== null ? this.#lists.get(first) : undefined;
    if (known === undefined) return NO_REFERENCES;
    const { items, references } = known;
    let length = 0;
    while (length < references.length && length < list.length && items[length] === list[length])
      length += 1;
    return length === references.length ? references : references.slice(0, length);
  }
}

const NO_REFERENCES: readonly JsonValue[] = [];

// The very same JSON each time, so that comparing it takes no time.
const UNDEFINED: JsonObject = { $: 'undefined' };
const EMPTY_LIST: readonly JsonValue[] = [];
const EMPTY_MAP: JsonObject = { $: 'record', v: {} };

/** Frozen objects of nothing but short texts, numbers and booleans, as they are told. */
const smallRecords = new WeakMap<object, JsonObject>();

/** One encoding while it lasts: the path to where it is, and what it has found to store. */
export class EncodingWalk {
  readonly newValues: JsonValue[] = [];
  readonly newStored: StoredValue[] = [];
  readonly newLists: EncodedList[] = [];
  readonly newFrozenLists: (readonly [list: object, json: JsonValue])[] = [];
  readonly #stored: StoredIndexes;
  #new: Map<StoredValue, number> | undefined;
  readonly #path: (string | number)[] = [];
  readonly #parents: object[] = [];

  constructor(stored: StoredIndexes) {
    this.#stored = stored;
  }

  /** Encodes what lies under a key of what is being encoded. */
  at(key: string | number, value: unknown): JsonValue {
    this.#path.push(key);
    const json = this.encode(value);
    this.#path.pop();
    return json;
  }

  /** Encodes each item of a list that lies under a key, by `toJson`. */
  each<T>(
    key: string,
    items: readonly T[],
    toJson: (item: T, walk: EncodingWalk) => JsonValue,
  ): readonly JsonValue[] {
    if (items.length === 0) return EMPTY_LIST;
    const list: JsonValue[] = [];
    this.#path.push(key, 0);
    for (const item of items) {
      this.#path[this.#path.length - 1] = list.length;
      list.push(toJson(item, this));
    }
    this.#path.length -= 2;
    return list;
  }

  encode(value: unknown): JsonValue {
    switch (typeof value) {
      case 'string':
        return value.length < LONG_TEXT ? value : this.#store(value, value);
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : tagged('number', Object.is(value, -0) ? '-0' : String(value));
      case 'undefined':
        return UNDEFINED;
      case 'bigint':
        return tagged('bigint', value.toString());
      case 'object':
        return value === null ? null : this.#encodeObject(value);
      default:
        throw this.#refuse(`it is a ${typeof value}`);
    }
  }

  #encodeObject(value: object): JsonValue {
    if (this.#parents.length >= MAX_DEPTH) throw this.#refuseDepth();
    this.#parents.push(value);
    const json = this.#encodeKnown(value) ?? this.#encodeBuiltIn(value) ?? this.#encodeOwn(value);
    this.#parents.pop();
    return json;
  }

  /** A list, a plain object, or one that is stored as a whole. */
  #encodeKnown(value: object): JsonValue | undefined {
    if (Array.isArray(value)) return this.#encodeList(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null) return tagged('bare', this.#encodeFields(value));
    if (prototype !== Object.prototype || findCodecFor(value) !== undefined) return undefined;
    const index = this.#indexOf(value);
    if (index !== undefined) return { $r: index };
    const small = smallRecords.get(value);
    if (small !== undefined) return small;
    const fields = this.#encodeFields(value);
    if (!isDeepFrozen(value)) return fields;
    if (!isSmallRecord(value, fields)) return this.#store(value, fields);
    if (Object.values(fields).every(isScalar)) smallRecords.set(value, fields);
    return fields;
  }

  #indexOf(value: StoredValue): number | undefined {
    return this.#stored.get(value) ?? this.#new?.get(value);
  }

  /** Refers to a value, and stores it unless that was done before. */
  #store(value: StoredValue, json: JsonValue): JsonValue {
    const known = this.#indexOf(value);
    if (known !== undefined) return { $r: known };
    const index = this.#stored.count + this.newValues.length;
    this.#new ??= new Map();
    this.#new.set(value, index);
    this.newValues.push(json);
    this.newStored.push(value);
    return { $r: index };
  }

  #encodeList(list: readonly unknown[]): JsonValue {
    const isFrozen = Object.isFrozen(list);
    const known = isFrozen ? this.#stored.frozenLists.get(list) : undefined;
    if (known !== undefined) return known;
    if (Object.keys(list).length !== list.length)
      throw this.#refuse('it is a list with holes or with properties of its own');
    if (list.length === 0) return EMPTY_LIST;
    const encoded = this.#encodeItems(list);
    if (isFrozen && isDeepFrozen(list)) this.newFrozenLists.push([list, encoded]);
    return encoded;
  }

  #encodeItems(list: readonly unknown[]): readonly JsonValue[] {
    const encoded = [...this.#stored.beginningOf(list)];
    const known = encoded.length;
    for (let index = known; index < list.length; index += 1)
      encoded.push(this.at(index, list[index]));
    if (encoded.length >= LONG_LIST && encoded.length > known)
      this.#rememberList(list, encoded, known);
    return encoded;
  }

  /** Notes the references that a list begins with, unless nothing is new about them. */
  #rememberList(list: readonly unknown[], encoded: readonly JsonValue[], known: number): void {
    let length = known;
    while (length < list.length && isReference(list[length], encoded[length])) length += 1;
    if (length < LONG_LIST || length === known) return;
    this.newLists.push({ items: list.slice(0, length), references: encoded.slice(0, length) });
  }

  #encodeRecord(map: ReadonlyMap<string, unknown>): JsonObject {
    const fields: Record<string, JsonValue> = {};
    for (const [key, value] of map) fields[escapedKey(key)] = this.at(key, value);
    return fields;
  }

  #encodeFields(value: object): JsonObject {
    const fields: Record<string, JsonValue> = {};
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key !== 'string') throw this.#refuse(`it has the symbol ${String(key)} as a key`);
      if (key === '__proto__') throw this.#refuse('it has a key "__proto__"');
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor?.enumerable !== true || !('value' in descriptor))
        throw this.#refuse(`its property "${key}" is hidden or computed`);
      fields[escapedKey(key)] = this.at(key, descriptor.value);
    }
    return fields;
  }

  #encodeBuiltIn(value: object): JsonValue | undefined {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (value instanceof Map && prototype === Map.prototype) return this.#encodeMap(value);
    if (value instanceof Set && prototype === Set.prototype)
      return tagged(
        'set',
        Array.from(value, (item, index) => this.at(index, item)),
      );
    if (value instanceof Date && prototype === Date.prototype)
      return tagged('date', Number.isNaN(value.getTime()) ? null : value.getTime());
    if (value instanceof Uint8Array) return tagged('bytes', toBase64(value));
    if (value instanceof URL && prototype === URL.prototype) return tagged('url', value.href);
    return undefined;
  }

  #encodeMap(map: ReadonlyMap<unknown, unknown>): JsonValue {
    if (map.size === 0) return EMPTY_MAP;
    if (hasTextKeys(map)) return tagged('record', this.#encodeRecord(map));
    const entries = Array.from(map, ([key, item]) => [
      this.at(describeKey(key), key),
      this.at(describeKey(key), item),
    ]);
    return tagged('map', entries);
  }

  /** A value with a registered codec, or an error, of which only what it says is carried. */
  #encodeOwn(value: object): JsonValue {
    const codec = findCodecFor(value);
    if (codec !== undefined) return tagged(codec.tag, this.#encodeWith(codec.encode, value));
    if (value instanceof Error) return tagged('error', this.#encodeError(value));
    const { constructor } = value;
    throw this.#refuse(
      `it is an instance of ${typeof constructor === 'function' ? constructor.name : 'a class'}, for which there is no codec`,
    );
  }

  #encodeWith(encode: (value: never) => unknown, value: object): JsonValue {
    let encoded: unknown;
    try {
      // The codec's `is` has said that the value is its own.
      encoded = encode(value as never);
    } catch (error) {
      throw this.#refuse(`its codec failed: ${messageOf(error)}`);
    }
    return this.encode(encoded);
  }

  #encodeError(error: Error): JsonObject {
    const { name, message, cause } = error;
    const code: unknown = Reflect.get(error, 'code');
    return {
      name,
      message,
      ...(typeof code === 'string' ? { code } : {}),
      ...(cause === undefined ? {} : { cause: this.at('cause', cause) }),
      ...(error instanceof AggregateError ? { errors: this.at('errors', error.errors) } : {}),
    };
  }

  #refuse(problem: string): CheckpointEncodeError {
    return new CheckpointEncodeError(this.#path.join('.'), problem);
  }

  #refuseDepth(): CheckpointEncodeError {
    const isCycle = new Set(this.#parents).size < this.#parents.length;
    return this.#refuse(
      isCycle ? 'it contains itself' : `it is nested more than ${MAX_DEPTH} levels deep`,
    );
  }
}

function escapedKey(key: string): string {
  return key.startsWith('$') ? `$${key}` : key;
}

function tagged(tag: string, value: JsonValue): JsonObject {
  return { $: tag, v: value };
}

/** Whether a frozen object holds no other and takes little room; what refers to it would take as much. */
function isSmallRecord(value: object, fields: JsonObject): boolean {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null) return false;
  return JSON.stringify(fields).length < LONG_RECORD;
}

function isScalar(json: JsonValue): boolean {
  return typeof json !== 'object' || json === null;
}

function isReference(value: unknown, json: JsonValue | undefined): boolean {
  return typeof value === 'object' && isRecord(json) && '$r' in json;
}

/** Whether a map can be written as a record, which would put keys that look like numbers first. */
function hasTextKeys(map: ReadonlyMap<unknown, unknown>): map is ReadonlyMap<string, unknown> {
  for (const key of map.keys())
    if (typeof key !== 'string' || key === '__proto__' || /^\d+$/.test(key)) return false;
  return true;
}

function describeKey(key: unknown): string {
  return typeof key === 'string' ? key : `(${typeof key} key)`;
}
