import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { deepFreeze } from '../primitives/deep-freeze.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type StoredValue } from './value-encoder.ts';
import { fromBase64 } from './base64.ts';
import { findCodec } from './codec-registry.ts';
import { isDeepFrozen, MAX_DEPTH } from './deep-frozen.ts';

/**
 * Decodes what `ValueEncoder` made; trusts nothing of it.
 *
 * Owns the stored values of a chain, by index; objects among them are deeply frozen, so all who refer to one share it.
 */
export class ValueDecoder {
  readonly #stored: StoredValue[];

  constructor(stored: readonly StoredValue[] = []) {
    this.#stored = [...stored];
  }

  /** What is stored so far, in the order of the indexes. */
  get stored(): readonly StoredValue[] {
    return this.#stored;
  }

  /** @throws {CheckpointDecodeError} when one is neither a text nor a plain object of JSON and earlier values. */
  store(values: unknown): void {
    if (!Array.isArray(values)) throw refused('values', 'a list', values);
    for (const value of values) {
      const path = `values.${this.#stored.length}`;
      if (typeof value === 'string') {
        this.#stored.push(value);
        continue;
      }
      if (!isRecord(value) || '$' in value || '$r' in value)
        throw refused(path, 'a plain object', value);
      const object = new DecodingWalk(this.#stored, [path]).decode(value);
      if (typeof object !== 'object' || object === null) throw refused(path, 'an object', value);
      deepFreeze(object);
      if (!isDeepFrozen(object)) throw refused(path, 'plain data', value);
      this.#stored.push(object);
    }
  }

  /** @throws {CheckpointDecodeError} with the path of what cannot be read. */
  decode(json: unknown): unknown {
    return new DecodingWalk(this.#stored, []).decode(json);
  }
}

/** One decoding while it lasts: the path to where it is. */
class DecodingWalk {
  readonly #stored: readonly StoredValue[];
  readonly #path: (string | number)[];

  constructor(stored: readonly StoredValue[], path: readonly string[]) {
    this.#stored = stored;
    this.#path = [...path];
  }

  decode(json: unknown): unknown {
    if (this.#path.length > 2 * MAX_DEPTH)
      throw this.#refuse(`it is nested more than ${MAX_DEPTH} levels deep`);
    if (json === null || typeof json === 'string' || typeof json === 'boolean') return json;
    if (typeof json === 'number') return json;
    if (Array.isArray(json)) return json.map((item: unknown, index) => this.#at(index, item));
    if (!isRecord(json)) throw this.#refuse(`expected JSON, got ${describeValue(json)}`);
    if (Object.hasOwn(json, '$')) return this.#decodeTagged(json);
    return Object.hasOwn(json, '$r') ? this.#resolve(json) : this.#decodeFields(json, {});
  }

  #decodeFields(json: Record<string, unknown>, into: object): object {
    for (const key of Object.keys(json)) {
      if (key === '__proto__') throw this.#refuse('it has a key "__proto__"');
      if (key.startsWith('$') && !key.startsWith('$$'))
        throw this.#refuse(`it has a key "${key}" that no encoder writes`);
      const name = key.startsWith('$') ? key.slice(1) : key;
      Reflect.set(into, name, this.#at(name, json[key]));
    }
    return into;
  }

  #decodeTagged(json: Record<string, unknown>): unknown {
    const { $: tag, v: payload, ...rest } = json;
    if (typeof tag !== 'string' || Object.keys(rest).length > 0)
      throw this.#refuse(`expected { $: tag, v }, got ${describeValue(json)}`);
    const simple = SIMPLE.get(tag);
    if (simple !== undefined) return this.#checked(tag, payload, () => simple(payload));
    if (tag === 'map')
      return new Map(this.#listOf(tag, payload).map((entry) => this.#entry(entry)));
    if (tag === 'record' && isRecord(payload) && !Object.hasOwn(payload, '$'))
      return new Map(Object.entries(this.#decodeFields(payload, {})));
    if (tag === 'set')
      return new Set(this.#listOf(tag, payload).map((item, index) => this.#at(index, item)));
    if (tag === 'bare' || tag === 'error') return this.#decodeRecord(tag, payload);
    const codec = findCodec(tag);
    if (codec === undefined)
      throw this.#refuse(`it has the unknown tag "${tag}"; register its codec before resuming`);
    const value = this.#at('v', payload);
    return this.#checked(tag, payload, () => codec.decode(value));
  }

  #decodeRecord(tag: string, payload: unknown): object {
    if (!isRecord(payload) || Object.hasOwn(payload, '$'))
      throw this.#refuse(`"${tag}" cannot be made of ${describeValue(payload)}`);
    if (tag === 'bare') {
      const bare: unknown = Object.create(null);
      return this.#decodeFields(payload, isRecord(bare) ? bare : {});
    }
    const fields = this.#decodeFields(payload, {});
    return this.#checked(tag, payload, () => toError(fields));
  }

  #resolve(json: Record<string, unknown>): StoredValue {
    const { $r: index, ...rest } = json;
    const object = typeof index === 'number' ? this.#stored[index] : undefined;
    if (object !== undefined && Object.keys(rest).length === 0) return object;
    throw this.#refuse(`it refers to the value ${describeValue(index)}, which is not stored`);
  }

  #listOf(tag: string, payload: unknown): readonly unknown[] {
    if (Array.isArray(payload)) return payload;
    throw this.#refuse(`"${tag}" cannot be made of ${describeValue(payload)}`);
  }

  #entry(entry: unknown): [unknown, unknown] {
    if (!Array.isArray(entry) || entry.length !== 2)
      throw this.#refuse(`expected [key, value], got ${describeValue(entry)}`);
    const [key, value]: readonly unknown[] = entry;
    return [this.#at('key', key), this.#at(typeof key === 'string' ? key : 'value', value)];
  }

  #checked<T>(tag: string, payload: unknown, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw this.#refuse(
        `"${tag}" cannot be made of ${describeValue(payload)}: ${messageOf(error)}`,
      );
    }
  }

  #at(key: string | number, json: unknown): unknown {
    this.#path.push(key);
    const value = this.decode(json);
    this.#path.pop();
    return value;
  }

  #refuse(problem: string): CheckpointDecodeError {
    return new CheckpointDecodeError(problem, { path: this.#path.join('.') });
  }
}

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

/** The tags whose payload is a single text or number. */
const SIMPLE: ReadonlyMap<string, (payload: unknown) => unknown> = new Map<
  string,
  (payload: unknown) => unknown
>([
  ['undefined', (payload) => required(payload === undefined, undefined)],
  ['number', (payload) => required(NUMBERS.has(payload), NUMBERS.get(payload))],
  [
    'bigint',
    (payload) =>
      BigInt(required(typeof payload === 'string' && /^-?\d+$/.test(payload), String(payload))),
  ],
  [
    'date',
    (payload) => {
      if (payload === null) return new Date(Number.NaN);
      const time = Number(required(typeof payload === 'number', payload));
      return required(Math.abs(time) <= 8.64e15, new Date(time));
    },
  ],
  ['bytes', (payload) => fromBase64(required(typeof payload === 'string', String(payload)))],
  ['url', (payload) => new URL(required(typeof payload === 'string', String(payload)))],
]);

function required<T>(holds: boolean, value: T): T {
  if (!holds) throw new TypeError('it has another shape');
  return value;
}

/** An error that says what the stored one said; no class is looked up by name. */
function toError(fields: object): Error {
  const { name, message, code, cause, errors }: Record<string, unknown> = { ...fields };
  const text = required(typeof message === 'string', String(message));
  const options = cause === undefined ? undefined : { cause };
  const error =
    errors === undefined
      ? new Error(text, options)
      : new AggregateError(required(Array.isArray(errors), [errors].flat()), text, options);
  const named = required(typeof name === 'string', String(name));
  Object.defineProperty(error, 'name', { value: named, configurable: true, writable: true });
  if (code !== undefined) Object.assign(error, { code });
  return error;
}

function refused(path: string, expected: string, got: unknown): CheckpointDecodeError {
  return new CheckpointDecodeError(`expected ${expected}, got ${describeValue(got)}`, { path });
}
