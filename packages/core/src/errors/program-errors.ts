import { ColloquyError } from './colloquy-error.ts';

/** A program was replayed and did not do again what it had done; nothing was lost. */
export class ProgramChangedError extends ColloquyError {
  static override readonly errorName: string = 'ProgramChangedError';

  /** The ids of the steps and requests that differ. */
  readonly ids: readonly string[];

  constructor(workflowName: string, problem: string, ids: readonly string[]) {
    super(
      `Workflow "${workflowName}" cannot go on, because its program ${problem}. Let it do the same steps and requests in the same conversation: do what is random or depends on time inside a step, and finish the conversations of a program before changing it.`,
      { code: 'workflow/program-changed' },
    );
    this.ids = ids;
  }
}
