import { type Logger, type Workflow } from '@colloquy/core';
import PQueue from 'p-queue';

import { waitTurn } from '../queues/wait-turn.ts';
import { ApiError } from '../wire/api-error.ts';
import { type InstanceSource } from './entity.ts';

/** An instance while it is lent. */
export interface LentInstance {
  readonly workflow: Workflow;
  /** P2: whether a conversation was held with it before. */
  readonly isUsed: boolean;
}

/**
 * Lends a workflow's instances, one conversation's turn at a time.
 *
 * Owns the instances that nobody uses.
 *
 * Invariants:
 * - P1: an instance is lent to one turn at a time.
 * - P2: an instance that was used is reset before a clean start, and never before a restore, which replaces its state.
 * - P3: an instance whose reset failed is never lent again, unless there can be no other.
 */
export class InstancePool {
  readonly #source: InstanceSource;
  readonly #logger: Logger;
  readonly #queue: PQueue;
  readonly #idle: LentInstance[] = [];
  readonly #seen = new WeakSet<Workflow>();

  constructor(
    source: InstanceSource,
    { maxInstances, logger }: { readonly maxInstances: number; readonly logger: Logger },
  ) {
    this.#source = source;
    this.#logger = logger;
    this.#queue = new PQueue({ concurrency: source.isForkable ? maxInstances : 1 });
  }

  /**
   * Does one turn's work with an instance, as soon as one is free.
   *
   * @param isCleanStart - Whether the instance is to be as a new one.
   *
   * Rejects with the signal's reason when it aborts while the turn waits.
   */
  async lend<T>(
    { isCleanStart, signal }: { readonly isCleanStart: boolean; readonly signal: AbortSignal },
    work: (workflow: Workflow) => Promise<T>,
  ): Promise<T> {
    return waitTurn(this.#queue, signal, async () => {
      const { workflow } = await this.#take(isCleanStart);
      try {
        return await work(workflow);
      } finally {
        this.#idle.push({ workflow, isUsed: true });
      }
    });
  }

  /** P1, P2 */
  async #take(isCleanStart: boolean): Promise<LentInstance> {
    const instance = this.#idle.pop() ?? (await this.#create());
    if (!isCleanStart || !instance.isUsed) return instance;
    try {
      await instance.workflow.resetForNewRun();
      return instance;
    } catch (error) {
      this.#logger.warn(
        `An instance of workflow "${instance.workflow.name}" could not be reset and was retired: ${String(error)}`,
      );
      return this.#replace(instance, error);
    }
  }

  /** P3 */
  async #replace(retired: LentInstance, cause: unknown): Promise<LentInstance> {
    if (this.#source.isForkable) return this.#create();
    this.#idle.push(retired);
    throw new ApiError('The model cannot begin a conversation at present. Try again later.', {
      status: 503,
      wireCode: 'reset_failed',
      headers: { 'retry-after': '1' },
      cause,
    });
  }

  async #create(): Promise<LentInstance> {
    const made = await this.#source.create();
    // A function that gives the same workflow each time would have two turns share it.
    const workflow = this.#seen.has(made) && this.#source.isForkable ? made.fork() : made;
    const isUsed = this.#seen.has(workflow);
    this.#seen.add(workflow);
    return { workflow, isUsed };
  }
}
