import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue } from '../primitives/json.ts';
import type { Migrate } from '../runtime/restore.ts';

/** How one run is done. */
export interface RunOptions {
  /** Cancels the run; its promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Reaches handlers and tools; never stored. */
  readonly runContext?: unknown;
  /** Where this run's checkpoints are saved and looked for; default: the workflow's store. */
  readonly checkpoints?: CheckpointStore | undefined;
}

/** From where a workflow goes on, and with which answers. */
export interface ResumeOptions extends RunOptions {
  /** Go on from this checkpoint. */
  readonly checkpointId?: string | undefined;
  /** Go on from the last checkpoint of this conversation. Without either, from where the instance stands. */
  readonly threadId?: string | undefined;
  /** Answers by request id; all are validated before any is taken. */
  readonly responses?: Readonly<Record<string, unknown>> | undefined;
  /** Makes a state that fits the graph, where that has changed since the checkpoint. */
  readonly migrate?: Migrate | undefined;
}

/**
 * Which checkpoint a resume begins at; `undefined` for where the instance stands.
 *
 * @throws {ConfigurationError} `resume/invalid-options` for a mixture that means nothing.
 */
export function checkpointIn(
  options: ResumeOptions,
  store: CheckpointStore | undefined,
): { readonly store: CheckpointStore } | undefined {
  const { checkpointId, threadId } = options;
  if (checkpointId === undefined && threadId === undefined) return undefined;
  for (const [name, id] of Object.entries({ checkpointId, threadId })) {
    if (id === undefined || (typeof id === 'string' && id !== '')) continue;
    throw invalid(`${name} to be a non-empty string, got ${describeValue(id)}`);
  }
  if (checkpointId !== undefined && threadId !== undefined)
    throw invalid('checkpointId or threadId, got both');
  if (store === undefined)
    throw invalid('a workflow with a checkpoint store, got one without: pass checkpoints');
  return { store };
}

function invalid(expected: string): ConfigurationError {
  return new ConfigurationError(`Expected ${expected}.`, { code: 'resume/invalid-options' });
}
