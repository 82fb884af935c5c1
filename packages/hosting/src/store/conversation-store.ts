import { conflict } from '../wire/api-error.ts';
import { type StoredItem } from '../wire/input-items.ts';
import { type ConversationRecord, type Standing, toConversationRecord, toJson } from './records.ts';
import { type RecordKey, type ResponseStore } from './response-store.ts';

/** How a turn changes its conversation. */
export interface TurnCommit {
  readonly model: string;
  readonly responseId: string;
  readonly standing: Standing;
  /** The response that the turn has gone on from. */
  readonly expectedHead: string | undefined;
  /** The added items that the turn has read. */
  readonly readItems: ReadonlySet<string>;
}

/**
 * Stored conversations, each in its tenant's name.
 *
 * Invariants:
 * - C1: a conversation goes on from its last turn that ended well, or not at all: of two turns that began at the same
 *   place, in whichever server, only the first counts.
 */
export class ConversationStore {
  readonly #store: ResponseStore;

  constructor(store: ResponseStore) {
    this.#store = store;
  }

  async find(tenant: string, id: string): Promise<ConversationRecord | undefined> {
    const stored = await this.#store.get(keyOf(tenant, id));
    return stored === undefined ? undefined : toConversationRecord(stored.value);
  }

  /** Begins a conversation; says whether there was none of this name. */
  async insert(tenant: string, record: ConversationRecord): Promise<boolean> {
    return this.#store.insert(keyOf(tenant, record.id), toJson(record));
  }

  /** The conversation of this name, which begins where there is none. */
  async findOrBegin(tenant: string, id: string): Promise<ConversationRecord> {
    const found = await this.find(tenant, id);
    if (found !== undefined) return found;
    const record = newConversation(id);
    await this.insert(tenant, record);
    return (await this.find(tenant, id)) ?? record;
  }

  /** Changes a conversation; gives what it then is, or `undefined` where there is none. */
  async update(
    tenant: string,
    id: string,
    change: (record: ConversationRecord) => ConversationRecord,
  ): Promise<ConversationRecord | undefined> {
    for (;;) {
      const stored = await this.#store.get(keyOf(tenant, id));
      if (stored === undefined) return undefined;
      const changed = change(toConversationRecord(stored.value));
      if (await this.#store.replace(keyOf(tenant, id), toJson(changed), stored.version))
        return changed;
    }
  }

  /**
   * C1: adds a turn that ended well.
   *
   * @throws {ApiError} 409 when the conversation has gone on meanwhile, or was deleted.
   */
  async commit(tenant: string, id: string, commit: TurnCommit): Promise<void> {
    const { model, responseId, standing, expectedHead, readItems } = commit;
    const changed = await this.update(tenant, id, (record) => {
      if (record.head?.responseId !== expectedHead) throw movedOn();
      const entries = record.entries.map((entry) =>
        'item' in entry && readItems.has(entry.item.id) ? { ...entry, isRead: true } : entry,
      );
      return {
        ...record,
        model,
        head: { ...standing, responseId },
        entries: [...entries, { responseId }],
      };
    });
    if (changed === undefined) throw movedOn();
  }

  async delete(tenant: string, id: string): Promise<boolean> {
    return this.#store.delete(keyOf(tenant, id));
  }
}

/** A conversation in which nothing was said. */
export function newConversation(
  id: string,
  {
    metadata = {},
    items = [],
  }: {
    readonly metadata?: Readonly<Record<string, string>>;
    readonly items?: readonly StoredItem[];
  } = {},
): ConversationRecord {
  return {
    id,
    createdAt: Math.floor(Date.now() / 1000),
    metadata,
    entries: items.map((item) => ({ item, isRead: false })),
  };
}

function movedOn(): Error {
  return conflict(
    'The conversation has gone on, or was deleted, while this response was at work. Its work does not count in it.',
    'conversation_conflict',
  );
}

function keyOf(tenant: string, id: string): RecordKey {
  return { tenant, kind: 'conversation', id };
}
