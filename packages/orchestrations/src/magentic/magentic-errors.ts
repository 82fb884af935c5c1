import { ColloquyError } from '@colloquy/core';

/** The manager gave no usable progress ledger, however often it was asked. */
export class ProgressLedgerError extends ColloquyError {
  static override readonly errorName: string = 'ProgressLedgerError';

  constructor(managerName: string, attempts: number, problem: string) {
    super(
      `The manager "${managerName}" gave no usable progress ledger in ${attempts} attempts: ${problem}. Use a stronger model, or change the prompt "progress".`,
      { code: 'magentic/ledger' },
    );
  }
}

/** A team whose task is done was given another. */
export class MagenticCompletedError extends ColloquyError {
  static override readonly errorName: string = 'MagenticCompletedError';

  constructor(workflowName: string) {
    super(
      `Team "${workflowName}" has completed its task and takes no other. Call resetForNewRun() first, fork the team, or build it with afterCompletion: 'newTask'.`,
      { code: 'magentic/completed' },
    );
  }
}

/** A team reached a limit before its task was done, and was to throw then. */
export class MagenticLimitError extends ColloquyError {
  static override readonly errorName: string = 'MagenticLimitError';

  /** Such as `maxRounds`. */
  readonly limit: string;

  constructor(workflowName: string, limit: string) {
    super(
      `Team "${workflowName}" reached ${limit} before its task was done. Allow more, or leave onLimit out for the best answer there is.`,
      { code: 'magentic/limit' },
    );
    this.limit = limit;
  }
}
