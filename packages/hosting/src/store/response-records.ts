import { type CheckpointStore, type JsonValue } from '@colloquy/core';

import { isResponseId } from '../wire/ids.ts';
import { isTerminal, type OutputItem, type ResponseResource } from '../wire/response-resource.ts';
import { type ConversationStore } from './conversation-store.ts';
import { type ResponseRecord, toJson, toResponseRecord } from './records.ts';
import { threadOf } from './response-checkpoints.ts';
import { type RecordKey, type ResponseStore } from './response-store.ts';
import { type ServerLease } from './server-lease.ts';

/** What records are kept with. */
export interface ResponseRecordsOptions {
  readonly store: ResponseStore;
  readonly conversations: ConversationStore;
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
 * - O2: a response that its conversation has taken over is found as it ended, also where its server could not store that.
 */
export class ResponseRecords {
  readonly #store: ResponseStore;
  readonly #conversations: ConversationStore;
  readonly #checkpoints: CheckpointStore;
  readonly #lease: ServerLease;

  constructor({ store, conversations, checkpoints, lease }: ResponseRecordsOptions) {
    this.#store = store;
    this.#conversations = conversations;
    this.#checkpoints = checkpoints;
    this.#lease = lease;
  }

  /** Finds a response; what cannot be an id of ours is not looked for. */
  async find(tenant: string, id: string): Promise<ResponseRecord | undefined> {
    if (!isResponseId(id)) return undefined;
    const stored = await this.#store.get(keyOf(tenant, id));
    if (stored === undefined) return undefined;
    const record = toResponseRecord(stored.value);
    const counted = await this.#asCounted(tenant, record);
    if (isTerminal(record.response.status) || (await this.#lease.isAlive(record.owner)))
      return counted ?? record;
    const ended = counted ?? (await this.#asFailed(tenant, record));
    if (await this.#store.replace(keyOf(tenant, id), toJson(ended), stored.version)) return ended;
    // Another server has done the same, or it ended after all.
    const again = await this.#store.get(keyOf(tenant, id));
    return again === undefined ? ended : toResponseRecord(again.value);
  }

  /** Stores a response that begins. */
  async insert(tenant: string, record: ResponseRecord): Promise<void> {
    await this.#store.insert(keyOf(tenant, record.response.id), toJson(record));
  }

  /**
   * Stores how a response stands; says whether that is how it now stands for everybody.
   *
   * A response that has ended for everybody else, because its server was taken to be dead, stays as they have seen it.
   */
  async update(tenant: string, record: ResponseRecord): Promise<boolean> {
    const key = keyOf(tenant, record.response.id);
    const stored = await this.#store.get(key);
    if (stored === undefined) return false;
    const { response, outcome } = toResponseRecord(stored.value);
    if (response.status === 'completed') return record.response.status === 'completed';
    if (isTerminal(response.status) && outcome === undefined) return false;
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

  /** O2 */
  async #asCounted(
    tenant: string,
    { outcome, ...record }: ResponseRecord,
  ): Promise<ResponseRecord | undefined> {
    const { id, conversation } = record.response;
    if (outcome === undefined || conversation === null) return undefined;
    const { entries = [] } = (await this.#conversations.find(tenant, conversation.id)) ?? {};
    const isCounted = entries.some((entry) => 'responseId' in entry && entry.responseId === id);
    return isCounted ? { ...record, ...outcome } : undefined;
  }

  /** O1: a response that nobody works on any more has failed; where it was cut off can be gone on from. */
  async #asFailed(tenant: string, record: ResponseRecord): Promise<ResponseRecord> {
    const { id } = record.response;
    const last = await this.#lastCheckpoint(tenant, id);
    const response: ResponseResource = {
      ...record.response,
      status: 'failed',
      output: await this.#finishedItems(tenant, id),
      error: { code: 'interrupted', message: 'The server was stopped while it worked on this.' },
    };
    const standing = last === undefined ? {} : { standing: { checkpointId: last, pending: [] } };
    return { ...record, response, ...standing };
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
