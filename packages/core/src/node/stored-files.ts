import {
  type CheckpointHead,
  checkpointHead,
  type WorkflowCheckpoint,
} from '../checkpoint/workflow-checkpoint.ts';
import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { isRecord, type JsonValue } from '../primitives/json.ts';

/** A checkpoint as a file holds it. */
export interface StoredFile {
  readonly checkpoint: WorkflowCheckpoint;
  /** Orders checkpoints by when they were saved, in milliseconds. */
  readonly savedAt: number;
  /** Kept only for those whose state builds on it, or to mark that its place in the branch is taken. */
  readonly isHidden: boolean;
}

/** A stored checkpoint and where it lies. */
export interface FoundFile extends StoredFile {
  readonly path: string;
}

/** What is written. */
export function fileToJson({ checkpoint, savedAt, isHidden }: StoredFile): JsonValue {
  return { savedAt, isHidden, checkpoint: { ...checkpoint } };
}

/** @throws {CheckpointDecodeError} when the file holds something else. */
export function parseFile(value: JsonValue, path: string): FoundFile {
  const { checkpoint, savedAt, isHidden }: Record<string, unknown> = isRecord(value) ? value : {};
  if (!isCheckpoint(checkpoint) || typeof savedAt !== 'number' || typeof isHidden !== 'boolean')
    throw new CheckpointDecodeError(`the file ${path} holds no checkpoint`);
  return { checkpoint, savedAt, isHidden, path };
}

function isCheckpoint(value: unknown): value is WorkflowCheckpoint {
  const texts = ['id', 'threadId', 'branchId', 'runId', 'workflowName', 'graphSignature'];
  return (
    isRecord(value) &&
    texts.every((key) => typeof value[key] === 'string') &&
    typeof value['createdAt'] === 'number' &&
    'state' in value
  );
}

/** In the order of saving. */
export function inOrder(files: readonly FoundFile[]): FoundFile[] {
  return files.toSorted(
    (left, right) => left.savedAt - right.savedAt || left.path.localeCompare(right.path),
  );
}

/** The head of what a file holds. */
export function headIn({ checkpoint }: StoredFile): CheckpointHead {
  return checkpointHead(checkpoint);
}
