/**
 * Values that all executors of a workflow see.
 *
 * Owns nothing: the committed values belong to the instance, staged writes to one executor in one superstep.
 *
 * Invariants:
 * - S1: a read sees the values committed when the superstep began, and one's own writes over them.
 * - S2: nothing is committed before the superstep has ended well.
 */

/** How a key begins, and how several writes of it become one value. */
export interface SharedKey<TValue = unknown> {
  readonly initial: () => TValue;
  readonly reduce?: (current: TValue, written: TValue) => TValue;
}

/** One write or deletion of a key, in the order they were made. */
export type SharedWrite =
  | { readonly kind: 'set'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'delete'; readonly key: string };

/** A key of any type: keys of all types lie in one record, so none can be named. A `SharedKey` of any value is one. */
interface LooseKey {
  readonly initial: () => unknown;
  readonly reduce?: ((current: never, written: never) => unknown) | undefined;
}

/** The declared keys of a workflow. */
export type SharedKeys = Readonly<Record<string, LooseKey>>;

/** The values of a new instance: every declared key has its initial one. */
export function initialSharedValues(keys: SharedKeys): Map<string, unknown> {
  return new Map(Object.entries(keys).map(([key, { initial }]) => [key, initial()]));
}

/** What one executor sees and writes in one superstep. */
export class StagedSharedState {
  readonly #committed: ReadonlyMap<string, unknown>;
  readonly #keys: SharedKeys;
  #own: Map<string, unknown> | undefined;
  #isClosed = false;
  #writes: SharedWrite[] | undefined;

  constructor(committed: ReadonlyMap<string, unknown>, keys: SharedKeys) {
    this.#committed = committed;
    this.#keys = keys;
  }

  /** What was written, in order. */
  get writes(): readonly SharedWrite[] {
    return this.#writes ?? [];
  }

  /** S1: own writes over committed values. */
  get(key: string): unknown {
    return (this.#own ?? this.#committed).get(key);
  }

  /** S1: own writes over committed values. */
  has(key: string): boolean {
    return (this.#own ?? this.#committed).has(key);
  }

  /** Writes one value. */
  set(key: string, value: unknown): void {
    this.#stage({ kind: 'set', key, value });
  }

  /** Removes one key. */
  delete(key: string): void {
    this.#stage({ kind: 'delete', key });
  }

  /** Ends the stage: later writes have no effect. */
  close(): void {
    this.#isClosed = true;
  }

  #stage(write: SharedWrite): void {
    if (this.#isClosed) return;
    this.#own ??= new Map(this.#committed);
    this.#writes ??= [];
    this.#writes.push(write);
    applyWrite(this.#own, write, this.#keys);
  }
}

/** Applies one write to values. */
function applyWrite(values: Map<string, unknown>, write: SharedWrite, keys: SharedKeys): void {
  const declared = Object.hasOwn(keys, write.key) ? keys[write.key] : undefined;
  if (write.kind === 'delete') {
    if (declared === undefined) values.delete(write.key);
    else values.set(write.key, declared.initial());
    return;
  }
  values.set(write.key, reduceWith(declared, values.get(write.key), write.value));
}

function reduceWith(declared: LooseKey | undefined, current: unknown, written: unknown): unknown {
  if (declared?.reduce === undefined) return written;
  // A reducer's own types are checked where the builder takes it; here keys of every type lie side by side.
  return declared.reduce(current as never, written as never);
}

/** What a superstep's writes come to. */
export interface SharedCommit {
  readonly values: ReadonlyMap<string, unknown>;
  /** Keys that several executors wrote and no reducer joins: the last in declared order won. */
  readonly conflicts: readonly string[];
}

/** S2: joins the writes of all executors, in the order given, into the values after the superstep. */
export function commitShared(
  committed: ReadonlyMap<string, unknown>,
  writesByExecutor: readonly (readonly SharedWrite[])[],
  keys: SharedKeys,
): SharedCommit {
  if (writesByExecutor.every((writes) => writes.length === 0))
    return { values: committed, conflicts: [] };
  const values = new Map(committed);
  const writerOf = new Map<string, number>();
  const conflicts = new Set<string>();
  for (const [executor, writes] of writesByExecutor.entries()) {
    for (const write of writes) {
      applyWrite(values, write, keys);
      const hasReducer = Object.hasOwn(keys, write.key) && keys[write.key]?.reduce !== undefined;
      if (!hasReducer && (writerOf.get(write.key) ?? executor) !== executor)
        conflicts.add(write.key);
      writerOf.set(write.key, executor);
    }
  }
  return { values, conflicts: [...conflicts] };
}
