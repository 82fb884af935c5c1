import { type ChatResponseUpdate, type JsonObject, type JsonValue } from '@colloquy/core';

import { CassetteError } from './cassette-error.ts';

/** How an answer ended: as it should, with an error, or because its reader left. */
export type RecordedEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly error: RecordedError }
  | { readonly kind: 'left' };

/** What is kept of an error; of a `ChatClientError` everything that callers test. */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly status?: number;
  readonly retryAfterMs?: number;
}

/** A piece of an answer, and when it came. */
export interface RecordedPiece {
  readonly at: number;
  readonly update: ChatResponseUpdate;
}

/** One request to a model, and what came of it. Times are positions in the order in which everything happened. */
export interface Recording {
  /** Where in a run it was sent, without what differs between runs; empty outside of one. */
  readonly path: string;
  /** Who sent it; empty where nobody says. */
  readonly agent: string;
  /** Which request of that agent there: 0, 1, 2 … */
  readonly call: number;
  readonly request: JsonObject;
  readonly startedAt: number;
  readonly pieces: readonly RecordedPiece[];
  readonly endedAt: number;
  readonly end: RecordedEnd;
}

const VERSION = 1;

/** The recordings as the text of a file. */
export function printRecordings(recordings: readonly Recording[]): string {
  const sorted = recordings.toSorted((one, other) => one.startedAt - other.startedAt);
  return `${JSON.stringify({ version: VERSION, recordings: sorted }, null, 2)}\n`;
}

/** @throws {CassetteError} `testing/cassette-unreadable`. */
export function parseRecordings(text: string, path: string): Recording[] {
  const file = tryParse(text);
  const recordings = isObject(file) && file['version'] === VERSION ? file['recordings'] : undefined;
  if (Array.isArray(recordings) && recordings.every(isRecording)) return recordings;
  throw new CassetteError(
    `Expected "${path}" to hold recordings of version ${VERSION}, got something else. Delete the file and record again.`,
    { code: 'testing/cassette-unreadable' },
  );
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Looks at what replaying needs; the rest is as it was written. */
function isRecording(value: unknown): value is Recording {
  if (!isObject(value)) return false;
  const { path, agent, call, request, startedAt, pieces, endedAt, end } = value;
  return (
    typeof path === 'string' &&
    typeof agent === 'string' &&
    [call, startedAt, endedAt].every((number) => typeof number === 'number') &&
    [request, end].every(isObject) &&
    Array.isArray(pieces) &&
    pieces.every((piece) => isObject(piece) && isObject(piece['update']))
  );
}
