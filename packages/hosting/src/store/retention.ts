import { type Logger } from '@colloquy/core';

import { forgetResponse, type ResponseTraces } from './forget-response.ts';
import { threadOf } from './response-checkpoints.ts';
import { type RecordKey, type RecordKind, type ResponseStore } from './response-store.ts';

/** How many records are removed in one go. */
const BATCH = 500;

/** The longest time between two sweeps, in milliseconds. */
const MAX_PAUSE_MS = 60 * 60 * 1000;

/** What is swept, and when. */
export interface RetentionOptions extends ResponseTraces {
  readonly store: ResponseStore;
  /** What was not changed for so long is removed, in milliseconds. */
  readonly maxAgeMs: number;
  readonly logger: Logger;
}

/**
 * Removes what has not been changed for too long.
 *
 * Owns when it was last done, and the sweep that is under way.
 */
export class RetentionSweeper {
  readonly #options: RetentionOptions;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #sweep: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Begins a sweep where one is due; nobody waits for it but `settle`. */
  sweepIfDue(now: number): void {
    const { maxAgeMs, logger } = this.#options;
    if (now - this.#sweptAt < Math.min(maxAgeMs, MAX_PAUSE_MS)) return;
    this.#sweptAt = now;
    this.#sweep = this.#sweepBefore(now - maxAgeMs).catch((error: unknown) => {
      logger.warn(`Old responses could not be removed: ${String(error)}`);
    });
  }

  /** Resolves when nothing is being removed. */
  async settle(): Promise<void> {
    await this.#sweep;
  }

  async #sweepBefore(before: number): Promise<void> {
    const { store } = this.#options;
    for (const { tenant, id } of await this.#keys('response', before))
      await forgetResponse(this.#options, tenant, id);
    for (const { tenant, id } of await this.#keys('conversation', before))
      await this.#forgetConversation(tenant, id);
    for (const key of await this.#keys('server', before)) await store.delete(key);
  }

  async #keys(kind: RecordKind, before: number): Promise<readonly RecordKey[]> {
    return this.#options.store.list({ kind, before, limit: BATCH });
  }

  /** With a conversation goes the state at which it stood, unless its response is still there. */
  async #forgetConversation(tenant: string, id: string): Promise<void> {
    const { conversations, responses, checkpoints } = this.#options;
    const conversation = await conversations.find(tenant, id);
    await conversations.delete(tenant, id);
    const last = conversation?.head?.responseId;
    if (last !== undefined && (await responses.find(tenant, last)) === undefined)
      await checkpoints.prune({ threadId: threadOf(tenant, last) });
  }
}
