import { ColloquyError } from './colloquy-error.ts';
import { clauseOf, messageOf } from './message-of.ts';

/** A second run, or a reset, while the instance is taken; nothing was changed. */
export class WorkflowBusyError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowBusyError';

  constructor(workflowName: string, attempt: string, occupation: string) {
    super(
      `Workflow "${workflowName}" cannot ${attempt}: ${occupation}. Wait for it to end or cancel it; for several conversations at once use workflow.fork().`,
      { code: 'workflow/busy' },
    );
  }
}

/** The last reset failed, so the instance refuses to run until one succeeds. */
export class WorkflowNeedsResetError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowNeedsResetError';

  constructor(workflowName: string, cause: unknown) {
    super(
      `Workflow "${workflowName}" cannot run: its last reset failed halfway. Mend what the cause names and call resetForNewRun() again.`,
      { code: 'workflow/needs-reset', cause },
    );
  }
}

/** An input that no handler of the start executor takes; nothing was changed. */
export class UnsupportedInputError extends ColloquyError {
  static override readonly errorName: string = 'UnsupportedInputError';

  constructor(message: string) {
    super(message, { code: 'workflow/unsupported-input' });
  }
}

/** The superstep limit was reached while messages were still waiting. */
export class WorkflowConvergenceError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowConvergenceError';

  /** What the run had yielded until then. */
  readonly outputs: readonly unknown[];
  readonly runId: string;
  /** The last checkpoint, from which the run can go on. */
  readonly checkpointId: string | undefined;

  constructor(
    workflowName: string,
    options: {
      readonly maxSupersteps: number;
      readonly outputs: readonly unknown[];
      readonly runId: string;
      readonly checkpointId?: string | undefined;
    },
  ) {
    super(
      `Workflow "${workflowName}" still had messages to deliver after ${options.maxSupersteps} supersteps. Give its loop an exit, or raise maxSupersteps.`,
      { code: 'workflow/no-convergence' },
    );
    this.outputs = options.outputs;
    this.runId = options.runId;
    this.checkpointId = options.checkpointId;
  }
}

/** One executor's failure. */
export interface ExecutorFailure {
  readonly executorId: string;
  readonly error: unknown;
}

/** What a failed run leaves to say. */
export interface ExecutorErrorOptions {
  /** Every executor that failed, in declared order; at least one. */
  readonly failures: readonly ExecutorFailure[];
  readonly outputs: readonly unknown[];
  readonly runId: string;
  readonly checkpointId?: string | undefined;
}

/** One executor or several of one superstep failed; `cause` is the original error, or an `AggregateError`. */
export class ExecutorError extends ColloquyError {
  static override readonly errorName: string = 'ExecutorError';

  /** The first executor that failed, in declared order. */
  readonly executorId: string;
  /** Every executor that failed, in declared order. */
  readonly failures: readonly ExecutorFailure[];
  /** What the completed supersteps had yielded. */
  readonly outputs: readonly unknown[];
  readonly runId: string;
  /** The last checkpoint, from which the run can go on. */
  readonly checkpointId: string | undefined;

  constructor(options: ExecutorErrorOptions) {
    const { failures } = options;
    const [first, ...others] = failures;
    super(`Executor ${describeFailures(failures)}`, {
      code: 'workflow/executor-failed',
      cause: others.length === 0 ? first?.error : joinFailures(failures),
    });
    this.executorId = first?.executorId ?? '';
    this.failures = failures;
    this.outputs = options.outputs;
    this.runId = options.runId;
    this.checkpointId = options.checkpointId;
  }
}

/** A condition or a selection of an edge threw, or chose what the edge does not have. */
export class EdgeError extends ColloquyError {
  static override readonly errorName: string = 'EdgeError';

  readonly edgeId: string;

  constructor(edgeId: string, problem: string, cause?: unknown) {
    super(`Edge "${edgeId}" cannot route a message: ${problem}`, {
      code: 'workflow/edge-failed',
      cause,
    });
    this.edgeId = edgeId;
  }
}

/** A run was cancelled by `cancel()` or by leaving its event loop. */
export class WorkflowCancelledError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowCancelledError';

  /** What was passed to `cancel`. */
  readonly reason: unknown;

  constructor(workflowName: string, reason: unknown) {
    const why = reason === undefined ? '' : `: ${clauseOf(reason)}`;
    super(`A run of workflow "${workflowName}" was cancelled${why}.`, {
      code: 'workflow/cancelled',
      cause: reason,
    });
    this.reason = reason;
  }
}

/** Hooks failed while a workflow was reset; it refuses to run until a reset succeeds. */
export class WorkflowResetError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowResetError';

  /** Every executor whose reset failed, in declared order. */
  readonly failures: readonly ExecutorFailure[];

  constructor(workflowName: string, failures: readonly ExecutorFailure[]) {
    super(
      `Workflow "${workflowName}" could not be reset: ${clauseOf(describeFailures(failures))}. It refuses to run until resetForNewRun() succeeds.`,
      { code: 'workflow/reset-failed', cause: joinFailures(failures) },
    );
    this.failures = failures;
  }
}

function describeFailures(failures: readonly ExecutorFailure[]): string {
  return failures.map(({ executorId, error }) => `"${executorId}": ${messageOf(error)}`).join('; ');
}

function joinFailures(failures: readonly ExecutorFailure[]): AggregateError {
  return new AggregateError(
    failures.map(({ error }) => error),
    describeFailures(failures),
  );
}

/** A workflow cannot be forked, because it holds objects that a fork would share. */
export class WorkflowForkError extends ColloquyError {
  static override readonly errorName: string = 'WorkflowForkError';

  /** The executors that were passed as instances. */
  readonly executorIds: readonly string[];

  constructor(workflowName: string, executorIds: readonly string[]) {
    super(
      `Workflow "${workflowName}" cannot be forked: ${executorIds.map((id) => `"${id}"`).join(', ')} passed as instances would be shared. Pass a factory (() => new …) or a definition, declare stateless = true, or give functions and conditions that remember something a fork().`,
      { code: 'workflow/not-forkable' },
    );
    this.executorIds = executorIds;
  }
}

/** The events of a run were asked for a second time. */
export class StreamAlreadyReadError extends ColloquyError {
  static override readonly errorName: string = 'StreamAlreadyReadError';

  constructor() {
    super(
      "Expected one reader of a run's events, got a second. Keep the events you need, or read stream.result.",
      { code: 'workflow/stream-already-read' },
    );
  }
}
