import { type Logger } from '@colloquy/core';

import { type ResponseRecords } from '../store/response-records.ts';
import { type WireEvent } from '../wire/response-builder.ts';

/** Whose events are logged. */
export interface ResponseLogOptions {
  readonly tenant: string;
  readonly id: string;
  readonly logger: Logger;
}

/**
 * Stores a response's events while they come, so that a client can go on reading, in another process too.
 *
 * Owns the events that are not stored yet.
 *
 * Invariants:
 * - J1: events are stored in their order; one write is under way at a time and takes all that have come meanwhile.
 */
export class ResponseLog {
  readonly #responses: ResponseRecords;
  readonly #options: ResponseLogOptions;
  #waiting: WireEvent[] = [];
  #writing: Promise<void> | undefined;

  constructor(responses: ResponseRecords, options: ResponseLogOptions) {
    this.#responses = responses;
    this.#options = options;
  }

  add(event: WireEvent): void {
    this.#waiting.push(event);
    this.#writing ??= this.#write();
  }

  /** Resolves when all events have been stored, or cannot be. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  /** J1 */
  async #write(): Promise<void> {
    const { tenant, id, logger } = this.#options;
    // What is told in one go is stored in one go.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const events = this.#waiting;
      this.#waiting = [];
      await this.#responses.appendEvents(tenant, id, events).catch((error: unknown) => {
        logger.warn(`Events of response ${id} could not be stored: ${String(error)}`);
      });
    }
    this.#writing = undefined;
  }
}
