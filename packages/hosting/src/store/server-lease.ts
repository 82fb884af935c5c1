import { type Logger } from '@colloquy/core';

import { createWireId } from '../wire/ids.ts';
import { type RecordKey, type ResponseStore } from './response-store.ts';

/** Under which tenant servers are noted; no request has an empty tenant. */
const SERVERS = '-';

/** How a lease is kept. */
export interface ServerLeaseOptions {
  readonly store: ResponseStore;
  readonly logger: Logger;
  /** How long a server that is not heard of is taken to be alive, in milliseconds. */
  readonly leaseMs: number;
}

/**
 * Notes in the store that this server is alive, so that others can tell a response that is at work from one whose server died.
 *
 * Owns this server's record and the timer that renews it, from the first work on until the server is closed.
 */
export class ServerLease {
  /** This server. */
  readonly id: string = createWireId('server');
  readonly #options: ServerLeaseOptions;
  #timer: NodeJS.Timeout | undefined;
  #isHeld: Promise<void> | undefined;

  constructor(options: ServerLeaseOptions) {
    this.#options = options;
  }

  /** Takes the lease, unless it is held. */
  async hold(): Promise<void> {
    this.#isHeld ??= this.#renew();
    try {
      await this.#isHeld;
    } catch (error) {
      this.#isHeld = undefined;
      throw error;
    }
    this.#timer ??= this.#startTimer();
  }

  /** Gives the lease back: whatever this server was at work on is over. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld === undefined) return;
    this.#isHeld = undefined;
    await this.#options.store.delete(keyOf(this.id)).catch((error: unknown) => {
      this.#options.logger.warn(`The server's lease could not be given back: ${String(error)}`);
    });
  }

  /** Whether a server is taken to be alive. */
  async isAlive(serverId: string): Promise<boolean> {
    if (serverId === this.id) return true;
    const record = await this.#options.store.get(keyOf(serverId));
    return typeof record?.value === 'number' && record.value > Date.now();
  }

  #startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => {
      // A renewal that fails is tried again; until then others may take this server for dead.
      this.#renew().catch((error: unknown) => {
        this.#options.logger.warn(`The server's lease could not be renewed: ${String(error)}`);
      });
    }, this.#options.leaseMs / 3);
    timer.unref();
    return timer;
  }

  async #renew(): Promise<void> {
    const { store, leaseMs } = this.#options;
    const key = keyOf(this.id);
    const until = Date.now() + leaseMs;
    const record = await store.get(key);
    if (record === undefined) await store.insert(key, until);
    else await store.replace(key, until, record.version);
  }
}

function keyOf(serverId: string): RecordKey {
  return { tenant: SERVERS, kind: 'server', id: serverId };
}
