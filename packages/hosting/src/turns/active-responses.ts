import { ApiError } from '../wire/api-error.ts';
import { type ActiveResponse } from './active-response.ts';
import { type StopKind } from './stop-cause.ts';

/** A response's turn while it is at work. */
export interface ActiveTurn {
  readonly active: ActiveResponse;
  /** Works to the end; never rejects. */
  run(): Promise<void>;
  /** Ends the response as cancelled, whatever its workflow still does. */
  cancel(): Promise<void>;
}

/**
 * The responses that are at work in this server.
 *
 * Owns which there are, and whether more are let in.
 */
export class ActiveResponses {
  readonly #max: number;
  readonly #turns = new Map<string, ActiveTurn>();
  readonly #running = new Set<Promise<void>>();
  #isClosing = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {ApiError} 503 while the server shuts down, 429 when there are too many. */
  assertRoom(): void {
    if (this.#isClosing)
      throw new ApiError('The server is shutting down.', {
        status: 503,
        wireCode: 'shutting_down',
        headers: { 'retry-after': '1' },
      });
    if (this.#running.size < this.#max) return;
    throw new ApiError('Too many responses are at work. Try again later.', {
      status: 429,
      wireCode: 'too_many_requests',
      headers: { 'retry-after': '1' },
    });
  }

  /** Starts a turn, and keeps it for as long as it is at work. */
  add(turn: ActiveTurn): void {
    const key = keyOf(turn.active.tenant, turn.active.id);
    this.#turns.set(key, turn);
    // A turn never rejects; the set owns it.
    const running = turn.run().then(() => {
      this.#turns.delete(key);
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  find(tenant: string, id: string): ActiveTurn | undefined {
    return this.#turns.get(keyOf(tenant, id));
  }

  /** Lets no more in, and waits for those that are at work; stops them after a while. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const timer = setTimeout(() => this.#stopAll('shutdown'), graceMs);
    await Promise.all(this.#running);
    clearTimeout(timer);
  }

  #stopAll(kind: StopKind): void {
    for (const { active } of this.#turns.values()) active.stop(kind);
  }
}

function keyOf(tenant: string, id: string): string {
  return JSON.stringify([tenant, id]);
}
