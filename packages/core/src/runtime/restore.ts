import { type IdSource } from '../primitives/ids.ts';
import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { ChainWriter } from '../checkpoint/state-chain.ts';
import {
  CHECKPOINT_VERSION,
  type CheckpointHead,
  checkpointHead,
  type WorkflowCheckpoint,
} from '../checkpoint/workflow-checkpoint.ts';
import {
  CheckpointDecodeError,
  CheckpointNotFoundError,
  CheckpointStoreError,
  GraphChangedError,
} from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import {
  compareGraphs,
  type GraphShape,
  graphSignature,
  shapeOf,
} from '../graph/graph-signature.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { describeValue } from '../primitives/json.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';
import { listAt, parseSnapshot, recordAt } from './parse-snapshot.ts';
import { type FinishedPart, parsePart, readSteps } from './saved-result.ts';
import { type FinishedSteps } from './step-results.ts';
import { ThreadLineage } from './thread-lineage.ts';

/** What a `migrate` hook is given. */
export interface MigrationInput {
  readonly checkpoint: CheckpointHead;
  /** What was removed from the graph since, then what was added. */
  readonly differences: readonly string[];
  /** The stored state as values; a copy, which the hook may change. */
  readonly state: Record<string, unknown>;
}

/** Makes a state that fits the present graph from one that does not. */
export type Migrate = (
  input: MigrationInput,
) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** Which checkpoint is meant. */
export interface CheckpointChoice {
  readonly store: CheckpointStore;
  readonly checkpointId?: string | undefined;
  /** The head of this thread, where there is no `checkpointId`. */
  readonly threadId?: string | undefined;
  readonly migrate?: Migrate | undefined;
  /** Names the branch that begins at an older checkpoint. */
  readonly ids?: IdSource | undefined;
}

/** A checkpoint that has been read and fits the graph. */
export interface LoadedCheckpoint {
  readonly snapshot: InstanceSnapshot;
  readonly lineage: ThreadLineage;
  /** What had finished of the superstep after it, by executor. */
  readonly parts: ReadonlyMap<string, FinishedPart>;
  /** Which steps had finished of what had not. */
  readonly steps: FinishedSteps;
}

/**
 * Reads a checkpoint and all it builds on; nothing is changed anywhere.
 *
 * The head of a branch is gone on with on that branch; an older checkpoint opens a branch of its own.
 *
 * Rejects with `CheckpointNotFoundError`, `CheckpointDecodeError`, `GraphChangedError`, or `CheckpointStoreError`.
 */
export async function loadCheckpoint(
  graph: WorkflowGraph,
  choice: CheckpointChoice,
): Promise<LoadedCheckpoint> {
  const { store } = choice;
  const chain = await reading(store.loadChain(await findCheckpoint(graph, choice)));
  const checkpoint = chain.at(-1);
  if (checkpoint === undefined) throw new CheckpointNotFoundError('an empty chain');
  assertReadable(checkpoint, graph);
  const { writer, value, readAside } = ChainWriter.resume(chain.map(({ state }) => state));
  const fitting = await fit(value, checkpoint, shapeOf(graph), choice.migrate);
  const { id, threadId, branchId, workflowName } = checkpoint;
  const head = await reading(store.latest(workflowName, threadId, { branchId }));
  const isHead = head?.id === id;
  const line = { parentId: id, expectedParent: isHead ? id : null, writer };
  const saved = isHead ? await reading(store.results({ checkpointId: id, branchId })) : [];
  const snapshot = parseSnapshot(fitting, graph);
  const parts = saved
    .filter(({ key }) => graph.executors.has(key))
    .map(({ key, result }) => [key, parsePart(readAside(result), key, graph)] as const);
  return {
    snapshot,
    lineage: new ThreadLineage({
      threadId,
      branchId: isHead ? branchId : undefined,
      stores: [[store, line]],
      ids: choice.ids,
    }),
    // A result saved after a checkpoint that could not be saved belongs to a later superstep.
    parts: new Map(parts.filter(([, { step }]) => step === snapshot.step + 1)),
    steps: readSteps(saved, snapshot.step + 1, readAside),
  };
}

async function findCheckpoint(
  graph: WorkflowGraph,
  { store, checkpointId, threadId = '' }: CheckpointChoice,
): Promise<string> {
  if (checkpointId !== undefined) return checkpointId;
  const latest = await reading(store.latest(graph.name, threadId));
  if (latest !== undefined) return latest.id;
  throw new CheckpointNotFoundError(`thread "${threadId}" of workflow "${graph.name}"`);
}

async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isTyped =
      CheckpointNotFoundError.isInstance(error) ||
      CheckpointDecodeError.isInstance(error) ||
      CheckpointStoreError.isInstance(error);
    throw isTyped ? error : new CheckpointStoreError('read a checkpoint', error);
  }
}

function assertReadable({ version, workflowName }: WorkflowCheckpoint, graph: WorkflowGraph): void {
  if (version !== CHECKPOINT_VERSION) {
    throw new CheckpointDecodeError(
      `expected version ${CHECKPOINT_VERSION} of the format, got ${describeValue(version)}; use the release of the library that wrote it, or a later one`,
      { path: 'version' },
    );
  }
  if (workflowName === graph.name) return;
  throw new CheckpointDecodeError(
    `expected a checkpoint of workflow "${graph.name}", got one of ${describeValue(workflowName)}`,
    { path: 'workflowName' },
  );
}

/** The state as the present graph takes it: as it is where the graph is the same, else as the hook makes it. */
async function fit(
  value: unknown,
  checkpoint: WorkflowCheckpoint,
  { lines, signature }: GraphShape,
  migrate: Migrate | undefined,
): Promise<unknown> {
  const state = recordAt(value, '');
  const before = listAt(state['graph'], 'graph').map(String);
  const isSame = checkpoint.graphSignature === signature && graphSignature(before) === signature;
  if (isSame) return state;
  const differences = compareGraphs(before, lines);
  if (migrate === undefined) throw new GraphChangedError(checkpoint.workflowName, differences);
  try {
    const migrated = await migrate({ checkpoint: checkpointHead(checkpoint), differences, state });
    return { ...migrated, graph: lines };
  } catch (error) {
    throw new CheckpointDecodeError(`migrate failed: ${messageOf(error)}`, { cause: error });
  }
}
