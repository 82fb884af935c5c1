import { setImmediate as nextTurn } from 'node:timers/promises';

import { type ChatClient, type ChatOptions, type ChatResponseUpdate } from '@colloquy/core';

import { type SeededRandom, seededRandom } from '../random/seeded-random.ts';

/**
 * Decides who of several that wait goes on next, by a seed: one at a time, each with all that follows from it.
 *
 * Owns who waits. Where a team's models take turns of one scheduler, the interleaving of its run depends on the seed and
 * on nothing else; other seeds are other interleavings.
 */
export class SeededScheduler {
  readonly #random: SeededRandom;
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Resolves when it is this one's turn. */
  turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (!this.#isRunning) {
      this.#isRunning = true;
      // It ends by itself when nobody waits, and cannot fail.
      void this.#run();
    }
    return promise;
  }

  /** A client whose answer, and each piece of it, waits for its turn. */
  client(client: ChatClient): ChatClient {
    const turn = (): Promise<void> => this.turn();
    return {
      model: client.model,
      async *stream(messages, options: ChatOptions = {}): AsyncGenerator<ChatResponseUpdate, void> {
        await turn();
        for await (const update of client.stream(messages, options)) {
          yield update;
          await turn();
        }
      },
    };
  }

  /** Whoever can ask for a turn has done so when a turn of the event loop is over. */
  async #run(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0) {
      const [next] = this.#waiting.splice(this.#random.below(this.#waiting.length), 1);
      next?.();
      await nextTurn();
    }
    this.#isRunning = false;
  }
}

/** Makes a scheduler: the same seed, the same interleaving. */
export function seededScheduler(seed: number): SeededScheduler {
  return new SeededScheduler(seed);
}
