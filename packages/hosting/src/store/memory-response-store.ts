import { type JsonValue } from '@colloquy/core';

import {
  type RecordFilter,
  type RecordKey,
  type ResponseStore,
  type StoredRecord,
} from './response-store.ts';

interface Entry {
  readonly key: RecordKey;
  readonly text: string;
  readonly version: number;
  readonly changedAt: number;
  readonly events: string[];
}

/** Keeps responses and conversations for as long as the process lives. */
export class MemoryResponseStore implements ResponseStore {
  /** In the order of their last change. */
  readonly #entries = new Map<string, Entry>();

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    const entry = this.#entries.get(nameOf(key));
    return entry === undefined
      ? undefined
      : { value: JSON.parse(entry.text), version: entry.version };
  }

  async insert(key: RecordKey, value: JsonValue): Promise<boolean> {
    if (this.#entries.has(nameOf(key))) return false;
    this.#put(key, { text: JSON.stringify(value), version: 1, events: [] });
    return true;
  }

  async replace(key: RecordKey, value: JsonValue, version: number): Promise<boolean> {
    const entry = this.#entries.get(nameOf(key));
    if (entry?.version !== version) return false;
    this.#put(key, { ...entry, text: JSON.stringify(value), version: version + 1 });
    return true;
  }

  async delete(key: RecordKey): Promise<boolean> {
    return this.#entries.delete(nameOf(key));
  }

  async appendEvents(key: RecordKey, events: readonly JsonValue[]): Promise<void> {
    this.#entries.get(nameOf(key))?.events.push(...events.map((event) => JSON.stringify(event)));
  }

  async events(key: RecordKey, from: number): Promise<readonly JsonValue[]> {
    const { events = [] } = this.#entries.get(nameOf(key)) ?? {};
    return events.slice(from).map((event) => JSON.parse(event));
  }

  async list({ kind, before, limit }: RecordFilter): Promise<readonly RecordKey[]> {
    return [...this.#entries.values()]
      .filter(({ key, changedAt }) => key.kind === kind && changedAt < before)
      .slice(0, limit)
      .map(({ key }) => key);
  }

  async close(): Promise<void> {
    // There is nothing to let go of.
  }

  #put(key: RecordKey, entry: Omit<Entry, 'key' | 'changedAt'>): void {
    const name = nameOf(key);
    this.#entries.delete(name);
    this.#entries.set(name, { ...entry, key, changedAt: Date.now() });
  }
}

function nameOf({ tenant, kind, id }: RecordKey): string {
  return JSON.stringify([tenant, kind, id]);
}
