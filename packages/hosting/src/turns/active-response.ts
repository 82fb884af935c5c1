import { ResponseBuilder, type WireEvent } from '../wire/response-builder.ts';
import { type ResponseResource } from '../wire/response-resource.ts';
import { type StopKind, TurnStopped } from './stop-cause.ts';

/** What a response that is at work belongs to. */
export interface ActiveResponseOptions {
  readonly tenant: string;
  readonly response: ResponseResource;
  /** Hears each event once. */
  readonly onEvent: (event: WireEvent) => void;
}

/**
 * A response while its turn is at work: who follows it, and the means to stop it.
 *
 * Owns the log of its events, from which any number of followers read, each from where it likes.
 *
 * Invariants:
 * - A1: a follower gets every event after its place once, in order, and ends with the response.
 * - A2: nobody hears of the end before it has been stored.
 */
export class ActiveResponse {
  readonly tenant: string;
  readonly id: string;
  readonly isBackground: boolean;
  readonly builder: ResponseBuilder;
  /** Resolves when the end has been told. */
  readonly finished: Promise<void>;
  readonly #controller = new AbortController();
  readonly #log: WireEvent[] = [];
  readonly #finish: () => void;
  #wakers: (() => void)[] = [];
  #isFinished = false;

  constructor({ tenant, response, onEvent }: ActiveResponseOptions) {
    this.tenant = tenant;
    this.id = response.id;
    this.isBackground = response.background;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.#finish = resolve;
    this.builder = new ResponseBuilder(response, (event) => {
      this.#log.push(event);
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

  /** A1: the events with a number greater than `after`, as they come. */
  async *events(after: number): AsyncGenerator<WireEvent, void> {
    for (let next = after + 1; ;) {
      const event = this.#log[next];
      if (event !== undefined) {
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
