import { ResponseBuilder, type WireEvent } from '../wire/response-builder.ts';
import { type ResponseResource } from '../wire/response-resource.ts';
import { type StopKind, TurnStopped } from './stop-cause.ts';

/** What a response that is at work belongs to. */
export interface ActiveResponseOptions {
  readonly tenant: string;
  readonly response: ResponseResource;
  /** Who reads its events: nobody, the one who asked for it, or any number, from wherever they like. */
  readonly readers: 'none' | 'one' | 'any';
  /** How many events the one reader may leave unread, before it is taken to have gone away. */
  readonly maxUnread: number;
  /** Hears each event once. */
  readonly onEvent: (event: WireEvent) => void;
}

/**
 * A response while its turn is at work: who follows it, and the means to stop it.
 *
 * Owns the log of its events, as far as they can still be read.
 *
 * Invariants:
 * - A1: a follower gets every event after its place once, in order, and ends with the response.
 * - A2: nobody hears of the end before it has been stored.
 * - A3: no event is kept that nobody can read any more, and no more than `maxUnread` for one who does not read.
 */
export class ActiveResponse {
  readonly tenant: string;
  readonly id: string;
  readonly isBackground: boolean;
  readonly builder: ResponseBuilder;
  /** Resolves when the end has been told. */
  readonly finished: Promise<void>;
  readonly #controller = new AbortController();
  /** By their numbers. */
  readonly #log = new Map<number, WireEvent>();
  readonly #isReadOnce: boolean;
  readonly #finish: () => void;
  #wakers: (() => void)[] = [];
  #isFinished = false;
  #isLeft = false;

  constructor(options: ActiveResponseOptions) {
    const { tenant, response, readers, maxUnread, onEvent } = options;
    this.tenant = tenant;
    this.#isReadOnce = readers === 'one';
    this.id = response.id;
    this.isBackground = response.background;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.#finish = resolve;
    this.builder = new ResponseBuilder(response, (event) => {
      if (readers !== 'none' && !this.#isLeft) this.#log.set(event.sequence_number, event);
      if (readers === 'one' && this.#log.size > maxUnread) this.leave();
      onEvent(event);
      this.#wake();
    });
  }

  /** Aborts when the turn is to stop; its reason is a `TurnStopped`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get response(): ResponseResource {
    return this.builder.response;
  }

  /** Stops the turn at its next superstep; without effect on one that was stopped. */
  stop(kind: StopKind): void {
    this.#controller.abort(new TurnStopped(kind));
  }

  /** The turn is over; followers end when they have read what there is. */
  end(): void {
    this.#isFinished = true;
    this.#finish();
    this.#wake();
  }

  /** A3: the one reader has gone away: the turn stops. */
  leave(): void {
    this.#isLeft = true;
    this.#log.clear();
    this.stop('disconnected');
  }

  /**
   * A1: the events with a number greater than `after`, as they come.
   *
   * @throws {TurnStopped} when its one reader is taken to have gone away.
   */
  async *events(after: number): AsyncGenerator<WireEvent, void> {
    for (let next = after + 1; ;) {
      if (this.#isLeft) throw new TurnStopped('disconnected');
      const event = this.#log.get(next);
      if (event !== undefined) {
        if (this.#isReadOnce) this.#log.delete(next);
        next += 1;
        yield event;
      } else if (this.#isFinished || this.builder.isEnded) return;
      else await this.#change();
    }
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakers.push(resolve);
    await promise;
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
