import { type CheckpointStore, type JsonValue } from '@colloquy/core';

import { isResponseId } from '../wire/ids.ts';
import { isTerminal, type OutputItem, type ResponseResource } from '../wire/response-resource.ts';
import { type ResponseRecord, toJson, toResponseRecord } from './records.ts';
import { threadOf } from './response-checkpoints.ts';
import { type RecordKey, type ResponseStore } from './response-store.ts';
import { type ServerLease } from './server-lease.ts';

/** What records are kept with. */
export interface ResponseRecordsOptions {
  readonly store: ResponseStore;
  readonly checkpoints: CheckpointStore;
  readonly lease: ServerLease;
}

/** One event of a stored log. */
type StoredEvent = { readonly [field: string]: JsonValue };

/**
 * Stored responses, each in its tenant's name.
 *
 * Invariants:
 * - O1: a response whose server has died is found as one that failed, never as one at work.
 */
export class ResponseRecords {
  readonly #store: ResponseStore;
  readonly #checkpoints: CheckpointStore;
  readonly #lease: ServerLease;

  constructor({ store, checkpoints, lease }: ResponseRecordsOptions) {
    this.#store = store;
    this.#checkpoints = checkpoints;
    this.#lease = lease;
  }

  /** Finds a response; what cannot be an id of ours is not looked for. */
  async find(tenant: string, id: string): Promise<ResponseRecord | undefined> {
    if (!isResponseId(id)) return undefined;
    const stored = await this.#store.get(keyOf(tenant, id));
    if (stored === undefined) return undefined;
    const record = toResponseRecord(stored.value);
    if (isTerminal(record.response.status) || (await this.#lease.isAlive(record.owner)))
      return record;
    return this.#bury(tenant, record, stored.version);
  }

  /** Stores a response that begins. */
  async insert(tenant: string, record: ResponseRecord): Promise<void> {
    await this.#store.insert(keyOf(tenant, record.response.id), toJson(record));
  }

  /**
   * Stores how a response has ended; says whether it did.
   *
   * A response that has ended for everybody else, because its server was taken to be dead, stays as they have seen it.
   */
  async update(tenant: string, record: ResponseRecord): Promise<boolean> {
    const key = keyOf(tenant, record.response.id);
    const stored = await this.#store.get(key);
    if (stored === undefined || isTerminal(toResponseRecord(stored.value).response.status))
      return false;
    return this.#store.replace(key, toJson(record), stored.version);
  }

  /** Forgets a response; says whether there was one. */
  async delete(tenant: string, id: string): Promise<boolean> {
    return this.#store.delete(keyOf(tenant, id));
  }

  /** Adds events to a response's log. */
  async appendEvents(
    tenant: string,
    id: string,
    events: readonly { readonly [field: string]: unknown }[],
  ): Promise<void> {
    // Every field of an event is JSON.
    await this.#store.appendEvents(keyOf(tenant, id), events as readonly StoredEvent[]);
  }

  /** A response's events from a number on; empty where none were kept. */
  async events(tenant: string, id: string, from: number): Promise<readonly StoredEvent[]> {
    const events = await this.#store.events(keyOf(tenant, id), from);
    // They were stored by `appendEvents`.
    return events as readonly StoredEvent[];
  }

  /** O1: a response that nobody works on any more has failed; where it was cut off can be gone on from. */
  async #bury(tenant: string, record: ResponseRecord, version: number): Promise<ResponseRecord> {
    const { id } = record.response;
    const last = await this.#lastCheckpoint(tenant, id);
    const response: ResponseResource = {
      ...record.response,
      status: 'failed',
      output: await this.#finishedItems(tenant, id),
      error: { code: 'interrupted', message: 'The server was stopped while it worked on this.' },
    };
    const buried = {
      ...record,
      response,
      ...(last === undefined ? {} : { standing: { checkpointId: last, pending: [] } }),
    };
    if (await this.#store.replace(keyOf(tenant, id), toJson(buried), version)) return buried;
    // Another server has buried it, or it ended after all.
    const again = await this.#store.get(keyOf(tenant, id));
    return again === undefined ? buried : toResponseRecord(again.value);
  }

  /** The last of all checkpoints that a response has left, whichever workflow wrote it. */
  async #lastCheckpoint(tenant: string, id: string): Promise<string | undefined> {
    let last: string | undefined;
    for await (const head of this.#checkpoints.list({ threadId: threadOf(tenant, id) }))
      last = head.id;
    return last;
  }

  async #finishedItems(tenant: string, id: string): Promise<readonly OutputItem[]> {
    const events = await this.events(tenant, id, 0);
    return events.flatMap(({ type, item }) =>
      // It was stored as an item.
      type === 'response.output_item.done' ? [item as unknown as OutputItem] : [],
    );
  }
}

function keyOf(tenant: string, id: string): RecordKey {
  return { tenant, kind: 'response', id };
}
