import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { type Message, textOf } from '@colloquy/core';

import { type WatchedRequest } from './model-watch.ts';

/** How many timers keep the process alive. */
export function countTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

/** How often other work is let go on, before a timer counts as left behind or an object as kept. */
const PATIENCE = 10;

/** How many timers there are more than before, once all that was about to end has ended. */
export async function timersBeyond(before: number): Promise<number> {
  for (let turn = 0; turn < PATIENCE && countTimers() > before; turn += 1) await setImmediate();
  return Math.max(0, countTimers() - before);
}

/** How many listeners hang on signals. */
export function countAbortListeners(signals: Iterable<AbortSignal>): number {
  return [...signals].reduce(
    (count, signal) => count + getEventListeners(signal, 'abort').length,
    0,
  );
}

/**
 * Messages of a conversation, which must not be reachable once it is over.
 *
 * Owns weak references to what models were given, so that it keeps nothing alive itself.
 */
export class WatchedMessages {
  readonly #references = new Map<string, WeakRef<Message>[]>();
  readonly #exceptions: WeakSet<object>;

  /** @param given - What the caller holds itself. */
  constructor(given: readonly unknown[]) {
    this.#exceptions = new WeakSet(given.flatMap(objectsIn));
  }

  add({ messages }: WatchedRequest): void {
    for (const message of messages) {
      if (this.#exceptions.has(message)) continue;
      const key = `${message.role} ${JSON.stringify(textOf(message).slice(0, 80))}`;
      const known = this.#references.get(key) ?? [];
      this.#references.set(key, [...known, new WeakRef(message)]);
    }
  }

  /** Those that are still there after the garbage was collected, in words. */
  async retained(): Promise<string[]> {
    const collectGarbage = garbageCollector();
    let left: string[] = [];
    for (let turn = 0; turn < PATIENCE; turn += 1) {
      // What was looked at in this turn of the event loop is kept until its end.
      await setImmediate();
      collectGarbage();
      left = [...this.#references].flatMap(([key, references]) =>
        references.some((reference) => reference.deref() !== undefined) ? key : [],
      );
      if (left.length === 0) return left;
    }
    return left;
  }
}

/** What `--expose-gc` gives, also where the process was started without. */
function garbageCollector(): () => unknown {
  if (globalThis.gc !== undefined) return globalThis.gc;
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return () => (typeof collect === 'function' ? Reflect.apply(collect, undefined, []) : undefined);
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}
