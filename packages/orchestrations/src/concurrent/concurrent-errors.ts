import { ColloquyError } from '@colloquy/core';

/** Too few participants answered; `cause` holds what the others failed with. */
export class QuorumError extends ColloquyError {
  static override readonly errorName: string = 'QuorumError';

  /** Who failed. */
  readonly failed: readonly string[];

  constructor(needed: number, answered: number, failures: ReadonlyMap<string, unknown>) {
    const failed = [...failures.keys()];
    super(
      `Expected ${needed} of the participants to answer, got ${answered}: ${failed.join(', ')} failed. See cause for why; ask for fewer, or use mode 'settled' to handle failures in aggregate.`,
      { code: 'concurrent/quorum', cause: new AggregateError(failures.values()) },
    );
    this.failed = failed;
  }
}
