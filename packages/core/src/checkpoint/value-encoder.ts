import { CheckpointEncodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { type JsonObject, type JsonValue } from '../primitives/json.ts';
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
 * after decoding it is one object again. So is a long text.
 *
 * Owns which frozen objects and long texts have been stored.
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
    const json = walk.encode(value);
    return {
      json,
      newValues: walk.newValues,
      commit: () => {
        for (const stored of walk.newStored) this.#stored.add(stored);
      },
    };
  }
}

/** What is stored once: a deeply frozen object, or a long text. */
export type StoredValue = object | string;

/** Texts from this length on are stored once. */
const LONG_TEXT = 64;

/** The indexes of what is stored; objects are not kept alive by it. */
class StoredIndexes {
  readonly #objects: WeakMap<object, number> = new WeakMap();
  readonly #texts = new Map<string, number>();
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
}

/** One encoding while it lasts: the path to where it is, and what it has found to store. */
class EncodingWalk {
  readonly newValues: JsonValue[] = [];
  readonly newStored: StoredValue[] = [];
  readonly #stored: StoredIndexes;
  readonly #new = new Map<StoredValue, number>();
  readonly #path: (string | number)[] = [];
  readonly #parents: object[] = [];

  constructor(stored: StoredIndexes) {
    this.#stored = stored;
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
        return { $: 'undefined' };
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
    const index = this.#stored.get(value) ?? this.#new.get(value);
    if (index !== undefined) return { $r: index };
    const fields = this.#encodeFields(value);
    return isDeepFrozen(value) ? this.#store(value, fields) : fields;
  }

  /** Refers to a value, and stores it unless that was done before. */
  #store(value: StoredValue, json: JsonValue): JsonValue {
    const known = this.#stored.get(value) ?? this.#new.get(value);
    if (known !== undefined) return { $r: known };
    const index = this.#stored.count + this.newValues.length;
    this.#new.set(value, index);
    this.newValues.push(json);
    this.newStored.push(value);
    return { $r: index };
  }

  #encodeList(list: readonly unknown[]): JsonValue {
    if (Object.keys(list).length !== list.length)
      throw this.#refuse('it is a list with holes or with properties of its own');
    return list.map((item, index) => this.#at(index, item));
  }

  #encodeFields(value: object): JsonObject {
    const fields: [string, JsonValue][] = [];
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key !== 'string') throw this.#refuse(`it has the symbol ${String(key)} as a key`);
      if (key === '__proto__') throw this.#refuse('it has a key "__proto__"');
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor?.enumerable !== true || !('value' in descriptor))
        throw this.#refuse(`its property "${key}" is hidden or computed`);
      fields.push([key.startsWith('$') ? `$${key}` : key, this.#at(key, descriptor.value)]);
    }
    return Object.fromEntries(fields);
  }

  #encodeBuiltIn(value: object): JsonValue | undefined {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (value instanceof Map && prototype === Map.prototype) {
      const entries = Array.from(value, ([key, item]: [unknown, unknown]) => [
        this.#at(describeKey(key), key),
        this.#at(describeKey(key), item),
      ]);
      return tagged('map', entries);
    }
    if (value instanceof Set && prototype === Set.prototype)
      return tagged(
        'set',
        Array.from(value, (item, index) => this.#at(index, item)),
      );
    if (value instanceof Date && prototype === Date.prototype)
      return tagged('date', Number.isNaN(value.getTime()) ? null : value.getTime());
    if (value instanceof Uint8Array) return tagged('bytes', toBase64(value));
    if (value instanceof URL && prototype === URL.prototype) return tagged('url', value.href);
    return undefined;
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
      ...(cause === undefined ? {} : { cause: this.#at('cause', cause) }),
      ...(error instanceof AggregateError ? { errors: this.#at('errors', error.errors) } : {}),
    };
  }

  #at(key: string | number, value: unknown): JsonValue {
    this.#path.push(key);
    const json = this.encode(value);
    this.#path.pop();
    return json;
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

function tagged(tag: string, value: JsonValue): JsonObject {
  return { $: tag, v: value };
}

function describeKey(key: unknown): string {
  return typeof key === 'string' ? key : `(${typeof key} key)`;
}
