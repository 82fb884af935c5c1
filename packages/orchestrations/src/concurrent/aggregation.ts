import { Executor, type Handler, on, type WorkflowContext } from '@colloquy/core';

import { guardSchema } from '../shared/guard-schema.ts';
import { type Aggregator, failuresIn } from './aggregators.ts';
import { type BranchOutcome, BranchResult } from './branch-result.ts';
import { type ConcurrencyNeeds } from './concurrency-mode.ts';
import { QuorumError } from './concurrent-errors.ts';

const branchResults = guardSchema(
  'results of branches',
  (value): value is readonly BranchResult[] =>
    Array.isArray(value) && value.every((result) => BranchResult.is(result)),
);

/** Joins what the branches came to. */
export class Aggregation extends Executor {
  readonly handlers: readonly Handler[] = [
    // One branch needs no joining.
    on(BranchResult, (result, context) => this.#aggregate([result], context)),
    on(branchResults, (results, context) => this.#aggregate(results, context)),
  ];
  readonly #aggregator: Aggregator<unknown>;
  readonly #needs: ConcurrencyNeeds;

  constructor(aggregator: Aggregator<unknown>, needs: ConcurrencyNeeds) {
    super('aggregator');
    this.#aggregator = aggregator;
    this.#needs = needs;
  }

  override reset(): void | Promise<void> {
    return this.#aggregator.reset?.();
  }

  override onCheckpointSave(): unknown {
    return this.#aggregator.onCheckpointSave?.();
  }

  override onCheckpointRestore(state: unknown): void {
    this.#aggregator.onCheckpointRestore?.(state);
  }

  async #aggregate(results: readonly BranchResult[], context: WorkflowContext): Promise<void> {
    const outcomes = results.map(({ participant, response, error }): BranchOutcome =>
      response === undefined ? { participant, error } : { participant, response },
    );
    const answered = outcomes.filter(({ response }) => response !== undefined).length;
    const { least } = this.#needs;
    if (answered < least) throw new QuorumError(least, answered, failuresIn(outcomes));
    const value = await this.#aggregator(outcomes, context);
    if (value !== undefined) context.yield(value);
  }
}
