/**
 * The branches that one run has at work at the same time.
 *
 * Owns the signal that ends those which are not needed any more. The engine gives all executors of a run the same
 * signal, by which they find their group.
 */
export class BranchGroup {
  readonly #controller = new AbortController();
  readonly #enough: number;
  #answered = 0;

  private constructor(enough: number) {
    this.#enough = enough;
  }

  /** The group of a run. */
  static of(runSignal: AbortSignal, enough: number): BranchGroup {
    const known = groups.get(runSignal);
    if (known !== undefined) return known;
    const group = new BranchGroup(enough);
    groups.set(runSignal, group);
    return group;
  }

  /** Aborted when enough have answered. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Notes that one has answered. */
  noteAnswer(): void {
    this.#answered += 1;
    if (this.#answered < this.#enough) return;
    this.#controller.abort(new DOMException('Enough others have answered.', 'AbortError'));
  }
}

const groups = new WeakMap<AbortSignal, BranchGroup>();
