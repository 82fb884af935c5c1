import { ColloquyError } from './colloquy-error.ts';
import { clauseOf } from './message-of.ts';

/** A checkpoint that a store does not have, or has no more. */
export class CheckpointNotFoundError extends ColloquyError {
  static override readonly errorName: string = 'CheckpointNotFoundError';

  constructor(what: string) {
    super(
      `Expected a stored checkpoint, got ${what}, which the store does not have. List what it has with store.list().`,
      { code: 'checkpoint/not-found' },
    );
  }
}

/** Somebody else has gone on from the same checkpoint; nothing was changed. */
export class CheckpointConflictError extends ColloquyError {
  static override readonly errorName: string = 'CheckpointConflictError';

  /** The head that the branch had when saving was refused; `null` for a branch without checkpoints. */
  readonly actualParent: string | null;

  constructor(
    branchId: string,
    options: { readonly expectedParent: string | null; readonly actualParent: string | null },
  ) {
    const { expectedParent, actualParent } = options;
    super(
      `Expected ${nameHead(expectedParent)} as the head of branch "${branchId}", got ${nameHead(actualParent)}: another process has gone on from the same checkpoint. Let one process own a conversation, or resume from the new head.`,
      { code: 'checkpoint/conflict' },
    );
    this.actualParent = actualParent;
  }
}

function nameHead(id: string | null): string {
  return id === null ? 'none' : `checkpoint "${id}"`;
}

/** A value that a checkpoint cannot carry without loss; `path` leads to it. */
export class CheckpointEncodeError extends ColloquyError {
  static override readonly errorName: string = 'CheckpointEncodeError';

  /** Such as `executors.counter.seen`. */
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super(
      `A checkpoint cannot carry the value at ${path === '' ? 'its root' : path}: ${clauseOf(problem)}. Keep it out of messages and state, or register a codec with registerCodec.`,
      { code: 'checkpoint/encode', cause },
    );
    this.path = path;
  }
}

/** A stored checkpoint that cannot be read, or does not fit the workflow; nothing was changed or run. */
export class CheckpointDecodeError extends ColloquyError {
  static override readonly errorName: string = 'CheckpointDecodeError';

  /** Where in the checkpoint; empty where it is the whole. */
  readonly path: string;

  constructor(
    problem: string,
    options: { readonly path?: string; readonly code?: string; readonly cause?: unknown } = {},
  ) {
    const { path = '', cause } = options;
    const where = path === '' ? '' : `; at ${path}`;
    super(`A checkpoint cannot be restored${where}: ${clauseOf(problem)}. Nothing was changed.`, {
      code: 'checkpoint/decode',
      cause,
      ...(options.code === undefined ? {} : { code: options.code }),
    });
    this.path = path;
  }
}

/** A checkpoint of a graph with another shape; `differences` names what was added and removed. */
export class GraphChangedError extends CheckpointDecodeError {
  static override readonly errorName: string = 'GraphChangedError';

  /** One line each: `- edge a->b`, `+ executor c`. */
  readonly differences: readonly string[];

  constructor(workflowName: string, differences: readonly string[]) {
    super(
      `the graph of workflow "${workflowName}" has changed since:\n${differences.join('\n')}\nBuild the workflow as it was, or pass migrate to resume`,
      { code: 'checkpoint/graph-changed' },
    );
    this.differences = differences;
  }
}

/** A checkpoint store failed; `cause` is its error. */
export class CheckpointStoreError extends ColloquyError {
  static override readonly errorName: string = 'CheckpointStoreError';

  constructor(operation: string, cause: unknown) {
    super(
      `The checkpoint store could not ${operation}: ${clauseOf(cause)}. Mend the store, then resume from the last checkpoint.`,
      { code: 'checkpoint/store-failed', cause },
    );
  }
}
