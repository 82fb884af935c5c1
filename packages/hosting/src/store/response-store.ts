import { type JsonValue } from '@colloquy/core';

/** What a record is about; a `server` is a process that is at work. */
export type RecordKind = 'response' | 'conversation' | 'server';

/** Names a record. Tenants never see each other's, whatever the id. */
export interface RecordKey {
  readonly tenant: string;
  readonly kind: RecordKind;
  readonly id: string;
}

/** A record as it was stored. */
export interface StoredRecord {
  readonly value: JsonValue;
  /** Another after each change. */
  readonly version: number;
}

/** Which records are meant. */
export interface RecordFilter {
  readonly kind: RecordKind;
  /** Last changed before this time, in milliseconds since the epoch. */
  readonly before: number;
  /** At most so many. */
  readonly limit: number;
}

/**
 * Where responses and conversations lie. `responseStoreSuite` checks every promise made here.
 *
 * Values are plain JSON; what goes in and comes out are copies. Every operation is atomic. A key's parts are any
 * non-empty strings: a store must not build a path or a statement from them.
 */
export interface ResponseStore {
  get(key: RecordKey): Promise<StoredRecord | undefined>;

  /** Stores a record unless there is one with this key; says whether it did. */
  insert(key: RecordKey, value: JsonValue): Promise<boolean>;

  /** Replaces a record where it still has the version that the caller has read; says whether it did. */
  replace(key: RecordKey, value: JsonValue, version: number): Promise<boolean>;

  /** Removes a record with its events; says whether there was one. */
  delete(key: RecordKey): Promise<boolean>;

  /** Adds events to the end of a record's log, in this order. */
  appendEvents(key: RecordKey, events: readonly JsonValue[]): Promise<void>;

  /** A record's log in the order of adding, from a place on; the first event is at 0. */
  events(key: RecordKey, from: number): Promise<readonly JsonValue[]>;

  /** Keys of records, the longest unchanged first. */
  list(filter: RecordFilter): Promise<readonly RecordKey[]>;

  /** Lets go of files and connections that the store opened itself. */
  close(): Promise<void>;
}
