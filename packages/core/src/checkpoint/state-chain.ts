import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { describeValue, isRecord, type JsonValue } from '../primitives/json.ts';
import { patchJson } from './patch-json.ts';
import { Places } from './places.ts';
import { diffJson } from './state-delta.ts';
import { ValueDecoder } from './value-decoder.ts';
import { type StoredValue, ValueEncoder } from './value-encoder.ts';

/** A state as a checkpoint stores it. */
export interface StoredState {
  /** Whether it needs no other to be read. */
  readonly isWhole: boolean;
  readonly state: JsonValue;
}

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

/** How many times the size of the last whole state the changes since may grow to; reading takes as much longer. */
const GROWTH = 4;
/** A whole state smaller than this, in characters of JSON, counts as so large: half a megabyte is read in milliseconds. */
const LEAST_WHOLE = 131_072;

/**
 * Turns the successive states of one conversation into what checkpoints store: a whole state, then changes.
 *
 * A whole state is stored again once the changes since the last one have outgrown it, so what is stored
 * grows with what changed, not with its history; a frozen object, such as a message, is stored once in between.
 *
 * Owns the last state that was stored, as JSON, which frozen objects have been stored, and the numbers of the places
 * that have changed.
 *
 * Invariants:
 * - W1: a state that was not committed leaves no trace.
 */
export class ChainWriter {
  #encoder = new ValueEncoder();
  #places = new Places();
  #last: JsonValue | undefined;
  #wholeSize = 0;
  #changeSize = 0;

  /** @throws {CheckpointEncodeError} with the path of what cannot be carried. */
  write(value: unknown): StateDraft {
    if (this.#last === undefined) return this.#writeWhole(value);
    const draft = this.#encoder.encode(value);
    this.#places.rollback();
    const patch = diffJson(this.#last, draft.json, this.#places);
    const { added } = this.#places;
    const state = {
      values: draft.newValues,
      ...(added.length === 0 ? {} : { places: added }),
      patch,
    };
    const size = this.#changeSize + JSON.stringify(state).length;
    if (size > GROWTH * Math.max(this.#wholeSize, LEAST_WHOLE)) return this.#writeWhole(value);
    const commit = (): void => {
      draft.commit();
      this.#places.commit();
      this.#last = draft.json;
      this.#changeSize = size;
    };
    return { stored: { isWhole: false, state }, commit };
  }

  /** Encodes a value that belongs to the last stored state without being part of it. */
  writeAside(value: unknown): JsonValue {
    const { json, newValues } = this.#encoder.encode(value);
    return { values: newValues, whole: json };
  }

  #writeWhole(value: unknown): StateDraft {
    const encoder = new ValueEncoder();
    const draft = encoder.encode(value);
    const state = { values: draft.newValues, whole: draft.json };
    const commit = (): void => {
      draft.commit();
      this.#encoder = encoder;
      this.#places = new Places();
      this.#last = draft.json;
      this.#wholeSize = JSON.stringify(state).length;
      this.#changeSize = 0;
    };
    return { stored: { isWhole: true, state }, commit };
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
      last = readState(state, last, { decoder, places: writer.#places });
      const size = JSON.stringify(state).length;
      if (index === 0) writer.#wholeSize = size;
      else writer.#changeSize += size;
    }
    if (last === undefined) throw new CheckpointDecodeError('there is no state');
    const value = decoder.decode(last);
    writer.#last = last;
    writer.#encoder = new ValueEncoder(decoder.stored);
    return { writer, value, readAside: (json) => readAside(json, decoder.stored) };
  }
}

/** The state after the one before, as JSON. */
function readState(
  state: JsonValue,
  before: JsonValue | undefined,
  { decoder, places }: { readonly decoder: ValueDecoder; readonly places: Places },
): JsonValue {
  if (!isStored(state))
    throw new CheckpointDecodeError(`expected a stored state, got ${describeValue(state)}`);
  const { values, whole, places: added = [], patch = [] } = state;
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

function isStored(state: JsonValue): state is { readonly [key: string]: JsonValue } {
  return isRecord(state) && 'values' in state;
}
