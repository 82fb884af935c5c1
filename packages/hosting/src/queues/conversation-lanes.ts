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

/** A conversation's queue while there is work for it. */
interface Lane {
  readonly queue: PQueue;
  /** Turns that work or wait. */
  turns: number;
}

/**
 * Lets one turn at a time work on a conversation; the others wait in the order in which they came.
 *
 * Owns a lane for every conversation that has work, and none for any other.
 *
 * Invariants:
 * - L1: at most one turn works on a conversation, within this process; over several processes the store decides.
 */
export class ConversationLanes {
  readonly #options: LaneOptions;
  readonly #lanes = new Map<string, Lane>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** How many conversations have work. */
  get size(): number {
    return this.#lanes.size;
  }

  /**
   * Does a turn's work when it is its turn.
   *
   * @throws {ApiError} 409 when it may not wait; the signal's reason when it aborts while waiting.
   */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key) ?? { queue: new PQueue({ concurrency: 1 }), turns: 0 };
    this.#assertRoom(lane);
    lane.turns += 1;
    this.#lanes.set(key, lane);
    try {
      return await waitTurn(lane.queue, signal, work);
    } finally {
      lane.turns -= 1;
      if (lane.turns === 0) this.#lanes.delete(key);
    }
  }

  #assertRoom({ turns }: Lane): void {
    const { whenBusy, maxQueued } = this.#options;
    if (turns === 0 || (whenBusy === 'queue' && turns <= maxQueued)) return;
    throw conflict(
      'Another response of this conversation is at work. Wait until it has ended.',
      'conversation_locked',
    );
  }
}
