import PQueue from 'p-queue';

import { conflict } from '../wire/api-error.ts';
import { waitTurn } from './wait-turn.ts';

/** What happens to a turn while another is at work on its conversation. */
export interface LaneOptions {
  /** It waits its turn, or is refused. */
  readonly whenBusy: 'queue' | 'reject';
  /** How many may wait. */
  readonly maxQueued: number;
}

/**
 * Lets one turn at a time work on a conversation; the others wait in the order in which they came.
 *
 * Owns a queue for every conversation that has work.
 *
 * Invariants:
 * - L1: at most one turn works on a conversation, within this process; over several processes the store decides.
 */
export class ConversationLanes {
  readonly #options: LaneOptions;
  readonly #lanes = new Map<string, PQueue>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /**
   * Does a turn's work when it is its turn.
   *
   * @throws {ApiError} 409 when it may not wait; the signal's reason when it aborts while waiting.
   */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key) ?? new PQueue({ concurrency: 1 });
    this.#assertRoom(lane);
    this.#lanes.set(key, lane);
    try {
      return await waitTurn(lane, signal, work);
    } finally {
      if (lane.size === 0 && lane.pending === 0) this.#lanes.delete(key);
    }
  }

  #assertRoom(lane: PQueue): void {
    if (lane.pending === 0) return;
    if (this.#options.whenBusy === 'queue' && lane.size < this.#options.maxQueued) return;
    throw conflict(
      'Another response of this conversation is at work. Wait until it has ended.',
      'conversation_locked',
    );
  }
}
