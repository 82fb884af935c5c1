import { ColloquyError } from './colloquy-error.ts';

/** One thing that is wrong with a workflow's definition. */
export interface ValidationIssue {
  /** Such as `duplicate-executor`, `unreachable-executor`. */
  readonly code: string;
  /** What was expected, what came, and what to do. */
  readonly message: string;
}

/** A workflow cannot be built; carries everything that is wrong with it. */
export class WorkflowValidationError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowValidationError';

  readonly issues: readonly ValidationIssue[];

  constructor(workflowName: string, issues: readonly ValidationIssue[]) {
    const list = issues.map(({ code, message }) => `- [${code}] ${message}`).join('\n');
    super(`Workflow "${workflowName}" cannot be built:\n${list}`, { code: 'workflow/invalid' });
    this.issues = issues;
  }
}
