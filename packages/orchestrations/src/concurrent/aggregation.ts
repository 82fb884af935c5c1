import { Executor, type Handler, on, type WorkflowContext } from '@colloquy/core';

import { isRecord } from '../shared/is-record.ts';
import { type Aggregator, failuresIn } from './aggregators.ts';
import { type BranchOutcome, BranchResult } from './branch-result.ts';
import { type ConcurrencyNeeds } from './concurrency-mode.ts';
import { QuorumError } from './concurrent-errors.ts';

type Outcomes = ReadonlyMap<string, BranchOutcome>;

/** By round. */
type Rounds = ReadonlyMap<number, Outcomes>;

/**
 * Joins what the branches came to.
 *
 * Owns the results of the rounds that somebody has not answered.
 *
 * Invariants:
 * - J1: an aggregate is made of one round, and each round has at most one.
 * - J2: a round that a later one has overtaken is let go: its input failed for somebody, or a later answer stands for it.
 */
export class Aggregation extends Executor {
  readonly handlers: readonly Handler[] = [
    on(BranchResult, (result, context) => this.#onResult(result, context)),
  ];
  readonly #aggregator: Aggregator<unknown>;
  readonly #needs: ConcurrencyNeeds;
  readonly #participants: readonly string[];
  #rounds: Rounds = new Map();
  /** The last round that was aggregated. */
  #done = 0;

  /** @param participants - In the order in which the aggregator is given their results. */
  constructor(
    aggregator: Aggregator<unknown>,
    needs: ConcurrencyNeeds,
    participants: readonly string[],
  ) {
    super('aggregator');
    this.#aggregator = aggregator;
    this.#needs = needs;
    this.#participants = participants;
  }

  override reset(): void | Promise<void> {
    this.#rounds = new Map();
    this.#done = 0;
    return this.#aggregator.reset?.();
  }

  override onCheckpointSave(): unknown {
    const aggregator = this.#aggregator.onCheckpointSave?.();
    return { rounds: this.#rounds, done: this.#done, aggregator };
  }

  override onCheckpointRestore(saved: unknown): void {
    const { rounds, done, aggregator }: Record<string, unknown> = isRecord(saved) ? saved : {};
    this.#rounds = rounds instanceof Map ? rounds : new Map();
    this.#done = typeof done === 'number' ? done : 0;
    this.#aggregator.onCheckpointRestore?.(aggregator);
  }

  async #onResult(result: BranchResult, context: WorkflowContext): Promise<void> {
    this.#rounds = this.#with(result);
    const [round, outcomes] = this.#lastComplete() ?? [];
    if (round === undefined || outcomes === undefined) return;
    // J2
    this.#rounds = new Map([...this.#rounds].filter(([other]) => other > round));
    this.#done = round;
    await this.#aggregate(outcomes, context);
  }

  /** J1 */
  #with({ participant, rounds, response, error }: BranchResult): Rounds {
    const outcome = response === undefined ? { participant, error } : { participant, response };
    const next = new Map(this.#rounds);
    for (const round of rounds) {
      if (round <= this.#done) continue;
      const before = next.get(round) ?? new Map<string, BranchOutcome>();
      next.set(round, new Map([[participant, outcome], ...before]));
    }
    return next;
  }

  #lastComplete(): readonly [number, Outcomes] | undefined {
    const complete = [...this.#rounds].filter(
      ([, outcomes]) => outcomes.size === this.#participants.length,
    );
    return complete.toSorted(([a], [b]) => b - a)[0];
  }

  async #aggregate(outcomes: Outcomes, context: WorkflowContext): Promise<void> {
    const results = this.#participants.flatMap((name) => outcomes.get(name) ?? []);
    const answered = results.filter(({ response }) => response !== undefined).length;
    const { least } = this.#needs;
    if (answered < least) throw new QuorumError(least, answered, failuresIn(results));
    const value = await this.#aggregator(results, context);
    if (value !== undefined) context.yield(value);
  }
}
