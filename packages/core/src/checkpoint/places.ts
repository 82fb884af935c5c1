import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { describeValue, type JsonValue } from '../primitives/json.ts';

/** Where a value lies within another: the keys and indexes that lead to it. */
export type JsonPath = readonly (string | number)[];

/** A field or an item of what lies at an earlier place. */
export type StoredPlace = readonly [parent: number, key: string | number];

/** A numbered place, and those within it. */
interface Place {
  readonly number: number;
  /** `p` and the number. */
  readonly name: string;
  readonly within: Map<string | number, Place>;
}

/**
 * Numbers the places of a state that change, so that later changes name them by number: most change again and again.
 *
 * Number 0 is the state itself.
 *
 * Owns the numbers of a chain.
 *
 * Invariants:
 * - L1: a number that was given since the last `commit` is forgotten by `rollback`.
 */
export class Places {
  readonly #root: Place = newPlace(0);
  readonly #paths: JsonPath[] = [[]];
  readonly #stored: StoredPlace[] = [];
  #committed = 0;

  /** The number of a place; a new one where it has none. */
  numberOf(path: JsonPath): number {
    return this.#at(path).number;
  }

  /** What a place is called where a key is needed: `p` and its number. */
  nameOf(path: JsonPath): string {
    return this.#at(path).name;
  }

  /** What was numbered since the last `commit`. */
  get added(): readonly StoredPlace[] {
    return this.#stored.length === this.#committed ? NONE : this.#stored.slice(this.#committed);
  }

  /** Keeps the numbers that were given. */
  commit(): void {
    this.#committed = this.#stored.length;
  }

  /** L1 */
  rollback(): void {
    while (this.#stored.length > this.#committed) {
      this.#stored.pop();
      const path = this.#paths.pop() ?? [];
      const key = path.at(-1) ?? '';
      this.#find(path.slice(0, -1))?.within.delete(key);
    }
  }

  /**
   * The path to a place.
   *
   * @throws {CheckpointDecodeError} when no place has that number.
   */
  pathOf(number: JsonValue | undefined): JsonPath {
    const path = typeof number === 'number' ? this.#paths[number] : undefined;
    if (path === undefined) throw refused('the number of a place', number);
    return path;
  }

  /**
   * Takes over what `added` told.
   *
   * @throws {CheckpointDecodeError} when it is something else.
   */
  read(places: JsonValue): void {
    if (!Array.isArray(places)) throw refused('a list of places', places);
    for (const place of places) {
      const [parent, key]: readonly unknown[] = Array.isArray(place) ? place : [];
      if (typeof parent !== 'number' || (typeof key !== 'string' && typeof key !== 'number'))
        throw refused('a place', place);
      this.numberOf([...this.pathOf(parent), key]);
    }
    this.commit();
  }

  #at(path: JsonPath): Place {
    let place = this.#root;
    let depth = 0;
    for (const key of path) {
      depth += 1;
      place = place.within.get(key) ?? this.#add(place, key, path.slice(0, depth));
    }
    return place;
  }

  #add(parent: Place, key: string | number, path: JsonPath): Place {
    const place = newPlace(this.#paths.length);
    parent.within.set(key, place);
    this.#paths.push(path);
    this.#stored.push([parent.number, key]);
    return place;
  }

  #find(path: JsonPath): Place | undefined {
    let place: Place | undefined = this.#root;
    for (const key of path) place = place?.within.get(key);
    return place;
  }
}

const NONE: readonly StoredPlace[] = [];

function newPlace(number: number): Place {
  return { number, name: `p${number}`, within: new Map() };
}

function refused(expected: string, got: unknown): CheckpointDecodeError {
  return new CheckpointDecodeError(`expected ${expected}, got ${describeValue(got)}`);
}
