import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import {
  describeValue,
  isRecord,
  jsonLength,
  type JsonObject,
  type JsonValue,
} from '../primitives/json.ts';
import { KeyLists } from './key-lists.ts';
import { patchJson } from './patch-json.ts';
import { Places, type StoredPlace } from './places.ts';
import { diffJson, type JsonPatch } from './state-delta.ts';
import { ValueDecoder } from './value-decoder.ts';
import { type EncodingWalk, type StoredValue, ValueEncoder } from './value-encoder.ts';

/** A state as a checkpoint stores it. */
export interface StoredState {
  /** Whether it needs no other to be read. */
  readonly isWhole: boolean;
  readonly state: JsonValue;
}

/** Makes a state JSON; what it does not know it gives to the walk. */
export type StateToJson<T> = (state: T, walk: EncodingWalk) => JsonValue;

/** A state that has been encoded; `commit` says that it was stored. */
export interface StateDraft {
  readonly stored: StoredState;
  readonly commit: () => void;
}

/** A chain that has been read, and what goes on with it. */
export interface ResumedChain {
  readonly writer: ChainWriter;
  /** The last state. */
  readonly value: unknown;
  /** Reads what `writeAside` made when the chain stood where it stands now. */
  readonly readAside: (json: JsonValue) => unknown;
}

/** How many times the size of a whole state the changes since may grow to; reading takes as much longer. */
const GROWTH = 4;
/** A whole state smaller than this, in characters of JSON, counts as so large: half a megabyte is read in milliseconds. */
const LEAST_WHOLE = 131_072;

/**
 * Turns the successive states of one conversation into what checkpoints store: a whole state, then changes.
 *
 * Once the changes have outgrown a whole state of the present, one is stored again. Changes that only add to a state
 * never do, so that what is stored grows with what changed, not with its history; a frozen object, such as a message,
 * is stored once in between.
 *
 * Owns the last state that was stored, as JSON, which frozen objects have been stored, and the numbers of the places
 * that have changed and of the keys that objects have.
 *
 * Invariants:
 * - W1: a state that was not committed leaves no trace.
 */
export class ChainWriter {
  #encoder = new ValueEncoder();
  #places = new Places();
  #keys = new KeyLists();
  #last: JsonValue | undefined;
  #changeSize = 0;
  /** The size of the changes at which it is looked whether they have outgrown a whole state. */
  #reviewedAt = 0;

  /**
   * @param toJson - Makes the state JSON, where that is known better than by walking over it.
   * @throws {CheckpointEncodeError} with the path of what cannot be carried.
   */
  write<T>(state: T, toJson: StateToJson<T> = walkOver): StateDraft {
    if (this.#last === undefined) return this.#encodeWhole(state, toJson);
    const draft = this.#encoder.encodeWith(state, toJson);
    this.#places.rollback();
    this.#keys.rollback();
    const patch = diffJson(this.#last, draft.json, this.#places);
    const stored = packed(changeOf(draft.newValues, this.#places.added, patch), this.#keys);
    const size = this.#changeSize + jsonLength(stored);
    const isDue = size > this.#reviewedAt;
    if (isDue) {
      const whole = this.#encodeWhole(state, toJson);
      if (size > GROWTH * whole.size) return whole;
    }
    return {
      stored: { isWhole: false, state: stored },
      commit: () => {
        draft.commit();
        this.#places.commit();
        this.#keys.commit();
        this.#last = draft.json;
        this.#changeSize = size;
        // To look again only then costs next to nothing over a long history.
        if (isDue) this.#reviewedAt = 2 * size;
      },
    };
  }

  #encodeWhole<T>(value: T, toJson: StateToJson<T>): StateDraft & { readonly size: number } {
    const encoder = new ValueEncoder();
    const { json, newValues, commit } = encoder.encodeWith(value, toJson);
    const state = { values: newValues, whole: json };
    const size = jsonLength(state);
    return {
      size,
      stored: { isWhole: true, state },
      commit: () => {
        commit();
        this.#encoder = encoder;
        this.#places = new Places();
        this.#keys = new KeyLists();
        this.#last = json;
        this.#changeSize = 0;
        this.#reviewedAt = reviewAfter(size);
      },
    };
  }

  /** Encodes a value that belongs to the last stored state without being part of it. */
  writeAside(value: unknown): JsonValue {
    const { json, newValues } = this.#encoder.encode(value);
    return { values: newValues, whole: json };
  }

  /**
   * Reads stored states, the whole one first.
   *
   * @throws {CheckpointDecodeError} when they are no chain or hold what cannot be read.
   */
  static resume(states: readonly JsonValue[]): ResumedChain {
    const decoder = new ValueDecoder();
    const writer = new ChainWriter();
    let last: JsonValue | undefined;
    for (const [index, state] of states.entries()) {
      last = readState(state, last, { decoder, places: writer.#places, keys: writer.#keys });
      const size = jsonLength(state);
      if (index === 0) writer.#reviewedAt = reviewAfter(size);
      else writer.#changeSize += size;
    }
    if (last === undefined) throw new CheckpointDecodeError('there is no state');
    const value = decoder.decode(last);
    writer.#last = last;
    writer.#encoder = new ValueEncoder(decoder.stored);
    return { writer, value, readAside: (json) => readAside(json, decoder.stored) };
  }
}

function walkOver(state: unknown, walk: EncodingWalk): JsonValue {
  return walk.encode(state);
}

function changeOf(
  values: readonly JsonValue[],
  places: readonly StoredPlace[],
  patch: JsonPatch,
): JsonObject {
  return places.length === 0 ? { values, patch } : { values, places, patch };
}

function reviewAfter(wholeSize: number): number {
  return GROWTH * Math.max(wholeSize, LEAST_WHOLE);
}

/** A change as a checkpoint stores it: without keys that were told before, and behind those that were not. */
function packed(state: JsonObject, keys: KeyLists): JsonValue {
  const json = keys.pack(state);
  const { added } = keys;
  return added.length === 0 ? json : { keys: added, state: json };
}

/** What `packed` was given; a whole state is stored as it is. */
function unpacked(stored: JsonValue, keys: KeyLists): JsonValue {
  if (!isJsonObject(stored)) return keys.unpack(stored);
  if (stored['keys'] === undefined) return stored;
  keys.read(stored['keys']);
  return keys.unpack(stored['state'] ?? null);
}

/** What states are read with. */
interface ChainReader {
  readonly decoder: ValueDecoder;
  readonly places: Places;
  readonly keys: KeyLists;
}

/** The state after the one before, as JSON. */
function readState(
  stored: JsonValue,
  before: JsonValue | undefined,
  { decoder, places, keys }: ChainReader,
): JsonValue {
  const state = unpacked(stored, keys);
  if (!isStored(state))
    throw new CheckpointDecodeError(`expected a stored state, got ${describeValue(state)}`);
  const { values, whole, places: added = [], patch = null } = state;
  if ((before === undefined) !== (whole !== undefined))
    throw new CheckpointDecodeError('expected a whole state followed by changes');
  decoder.store(values);
  if (before === undefined) return whole ?? null;
  places.read(added);
  return patchJson(before, patch, places);
}

function readAside(json: JsonValue, stored: readonly StoredValue[]): unknown {
  if (!isStored(json))
    throw new CheckpointDecodeError(`expected a stored value, got ${describeValue(json)}`);
  const decoder = new ValueDecoder(stored);
  decoder.store(json['values']);
  return decoder.decode(json['whole']);
}

function isStored(state: JsonValue): state is JsonObject {
  return isJsonObject(state) && 'values' in state;
}

function isJsonObject(json: JsonValue): json is JsonObject {
  return isRecord(json);
}
