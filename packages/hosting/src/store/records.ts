import { type JsonObject, type JsonValue } from '@colloquy/core';

import { type StoredItem } from '../wire/input-items.ts';
import { type ResponseResource } from '../wire/response-resource.ts';

/** A request for a human that waits, as far as answering needs it. */
export interface PendingQuestion {
  /** The request's id, which is the call's id on the wire. */
  readonly id: string;
  readonly kind: 'output' | 'approval';
  /** Its name on the wire. */
  readonly itemId: string;
  /** Whether an answer is plain text rather than JSON. */
  readonly takesText: boolean;
}

/** Where a workflow stands: what a next turn begins with. */
export interface Standing {
  readonly checkpointId: string;
  readonly pending: readonly PendingQuestion[];
}

/** How a response ends once its conversation has taken it over. */
export interface ResponseOutcome {
  readonly response: ResponseResource;
  readonly standing?: Standing;
}

/** A response as it is stored. */
export interface ResponseRecord {
  readonly response: ResponseResource;
  readonly input: readonly StoredItem[];
  /** Where it came to rest, or was cut off; absent while it works, and where it was refused before it began. */
  readonly standing?: Standing;
  /** There until its end is stored: how it ends where its conversation has it. */
  readonly outcome?: ResponseOutcome;
  /** Which process works on it. */
  readonly owner: string;
}

/** One thing that happened in a conversation: a turn, or items that a client added. */
export type ConversationEntry =
  | { readonly responseId: string }
  | { readonly item: StoredItem; readonly isRead: boolean };

/** A conversation as it is stored. */
export interface ConversationRecord {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** The model it is held with; absent before the first turn. */
  readonly model?: string;
  /** The last turn that ended well; absent before the first. */
  readonly head?: Standing & { readonly responseId: string };
  /** Oldest first. */
  readonly entries: readonly ConversationEntry[];
}

/** A record as the JSON that it is. */
export function toJson(record: ResponseRecord | ConversationRecord): JsonObject {
  // Everything in a record is JSON, which the interfaces above cannot tell the compiler.
  return record as unknown as JsonObject;
}

/** A response's record from what this package has stored. */
export function toResponseRecord(value: JsonValue): ResponseRecord {
  return value as unknown as ResponseRecord;
}

/** A conversation's record from what this package has stored. */
export function toConversationRecord(value: JsonValue): ConversationRecord {
  return value as unknown as ConversationRecord;
}
