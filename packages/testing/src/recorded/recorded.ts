import { setImmediate as nextTurn } from 'node:timers/promises';

import {
  type ChatClient,
  type ChatOptions,
  type ChatResponseUpdate,
  type Message,
} from '@colloquy/core';

import { Cassette, type CassetteOptions } from './cassette.ts';
import { CassetteError } from './cassette-error.ts';
import { printError, reviveError } from './recorded-error.ts';
import { type RecordedEnd, type RecordedPiece, type Recording } from './recording.ts';
import { type RequestKey, requestKeyOf } from './request-key.ts';

/** Where recordings are: a file of this client's own, or a cassette that several share. */
export type RecordedOptions =
  | (CassetteOptions & { readonly cassette: string })
  | { readonly cassette: Cassette; readonly mode?: never; readonly redact?: never };

/**
 * A client that records what another answers, or answers from recordings.
 *
 * Requests are told apart by where in a run they are sent, by whom, and by what they say, so that participants that
 * work beside each other get their own answers whoever asks first.
 */
export class RecordedChatClient implements ChatClient {
  readonly model: string | undefined;
  readonly cassette: Cassette;
  readonly #client: ChatClient | undefined;

  /** @throws {CassetteError} `testing/cassette-missing`, `testing/cassette-unreadable`. */
  constructor(client: ChatClient | undefined, options: RecordedOptions) {
    const { cassette } = options;
    this.#client = client;
    this.model = client?.model;
    this.cassette = typeof cassette === 'string' ? new Cassette(cassette, options) : cassette;
  }

  /**
   * Answers from a recording, or asks the client and records its answer.
   *
   * Rejects with `CassetteError` `testing/cassette-mismatch` when a request was not recorded and nothing may be asked,
   * and else as the client does, or did.
   */
  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatResponseUpdate, void> {
    options.signal?.throwIfAborted();
    const key = requestKeyOf(messages, options, this.cassette.redact);
    const decision = this.cassette.decide(key);
    if (decision.kind === 'replay') yield* this.#replay(decision.recording, options);
    else if (decision.kind === 'live') yield* this.#live().stream(messages, options);
    else yield* this.#record({ key, call: decision.call }, messages, options);
  }

  async *#replay(
    { startedAt, pieces, endedAt, end }: Recording,
    { signal }: ChatOptions,
  ): AsyncGenerator<ChatResponseUpdate, void> {
    const { order } = this.cassette;
    order.happened(startedAt);
    let isWhole = false;
    try {
      for (const { at, update } of pieces) {
        await order.turn(at);
        signal?.throwIfAborted();
        yield structuredClone(update);
      }
      if (end.kind === 'left') await brokenOff(signal);
      await order.turn(endedAt);
      signal?.throwIfAborted();
      isWhole = true;
      if (end.kind === 'error') throw reviveError(end.error);
    } finally {
      // Nobody has to wait for what its reader no longer wants.
      if (!isWhole) for (const { at } of [...pieces, { at: endedAt }]) order.happened(at);
    }
  }

  async *#record(
    { key, call }: { readonly key: RequestKey; readonly call: number },
    messages: readonly Message[],
    options: ChatOptions,
  ): AsyncGenerator<ChatResponseUpdate, void> {
    const { signal } = options;
    const answer = new AnswerInProgress(this.cassette, { ...key, call });
    const leave = (): void => answer.leave();
    // At once, because a client may ignore it.
    signal?.addEventListener('abort', leave, { once: true });
    try {
      for await (const update of this.#live().stream(messages, options)) {
        await nextTurn();
        answer.add(update);
        yield update;
      }
      await nextTurn();
      answer.end({ kind: 'done' });
    } catch (error) {
      await nextTurn();
      answer.end({ kind: 'error', error: printError(error) });
      throw error;
    } finally {
      signal?.removeEventListener('abort', leave);
      answer.leave();
    }
  }

  #live(): ChatClient {
    if (this.#client !== undefined) return this.#client;
    throw new CassetteError(
      `Expected a client to ask, because "${this.cassette.path}" does not answer this request, got none. Pass the client that is to be recorded.`,
      { code: 'testing/cassette-no-client' },
    );
  }
}

/** Owns what of an answer has come, until it is a recording. */
class AnswerInProgress {
  readonly #cassette: Cassette;
  readonly #asked: RequestKey & { readonly call: number };
  readonly #startedAt: number;
  readonly #pieces: RecordedPiece[] = [];
  #isOver = false;

  constructor(cassette: Cassette, asked: RequestKey & { readonly call: number }) {
    this.#cassette = cassette;
    this.#asked = asked;
    this.#startedAt = cassette.nextTime();
  }

  add(update: ChatResponseUpdate): void {
    this.#pieces.push({ at: this.#cassette.nextTime(), update });
  }

  /** Ends it because its reader has left, who hears of no failure any more: the next request does. */
  leave(): void {
    try {
      this.end({ kind: 'left' });
    } catch (error) {
      this.#cassette.fail(error);
    }
  }

  /** The first end counts. */
  end(end: RecordedEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { path, agent, call, request } = this.#asked;
    const answer = { startedAt: this.#startedAt, pieces: this.#pieces, end };
    this.#cassette.add({
      path,
      agent,
      call,
      request,
      ...answer,
      endedAt: this.#cassette.nextTime(),
    });
  }
}

/**
 * Makes a client that records what another answers, or answers from recordings.
 *
 * @param client - May be left out where nothing is to be asked.
 * @throws {CassetteError} `testing/cassette-missing`, `testing/cassette-unreadable`.
 */
export function recorded(
  client: ChatClient | undefined,
  options: RecordedOptions,
): RecordedChatClient {
  return new RecordedChatClient(client, options);
}

/** Waits for the reader to leave, as it did when the answer was recorded. */
function brokenOff(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted === true) reject(signal.reason);
    else if (signal === undefined)
      reject(
        new CassetteError(
          'Expected the reader to leave here, as it did when the answer was recorded, but it reads on. Record the answer again.',
          { code: 'testing/cassette-mismatch' },
        ),
      );
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
