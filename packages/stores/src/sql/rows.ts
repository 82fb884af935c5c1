import { CheckpointDecodeError, type JsonValue, type WorkflowCheckpoint } from '@colloquy/core';

import { type SqlRow } from './sql-program.ts';

/** The text in a column. */
export function textIn(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new CheckpointDecodeError(`expected text in the column ${column}, got ${typeof value}`);
}

/** The JSON in a column. */
export function jsonIn(row: SqlRow, column: string): JsonValue {
  const text = textIn(row, column);
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (error) {
    throw new CheckpointDecodeError(`expected JSON in the column ${column}, got other text`, {
      cause: error,
    });
  }
}

/** The checkpoint in the column `body`. */
export function checkpointIn(row: SqlRow): WorkflowCheckpoint {
  const value: unknown = jsonIn(row, 'body');
  if (isCheckpoint(value)) return value;
  throw new CheckpointDecodeError('expected a checkpoint in the column body, got other JSON');
}

function isCheckpoint(value: unknown): value is WorkflowCheckpoint {
  return typeof value === 'object' && value !== null && 'id' in value && 'state' in value;
}
