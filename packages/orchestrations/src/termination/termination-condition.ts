import { type Message, type Usage } from '@colloquy/core';

/** What a termination condition looks at: one run of a conversation. */
export interface TerminationView {
  /** What this run has added so far, its input first. */
  readonly conversation: readonly Message[];
  /** Everything said since the last reset. */
  readonly fullConversation: readonly Message[];
  /** Turns that participants have taken in this run. */
  readonly round: number;
  /** Turns that participants have taken since the last reset. */
  readonly totalRounds: number;
  /** The tokens that participants have used in this run. */
  readonly usage: Usage;
  /** The names of the tools that participants have called in this run, in order. */
  readonly toolCalls: readonly string[];
}

/** Why a condition holds, in a few words for `stopReason.detail`; `undefined` where it does not. */
export type TerminationAnswer = string | undefined;

/**
 * Says from the conversation that it is over.
 *
 * A condition looks at one run: what earlier runs said does not count. One with state of its own overrides `reset`,
 * which is called when a run begins and when the workflow is reset. As AutoGen's `TerminationCondition`, with `not`.
 */
export abstract class TerminationCondition {
  /** The reason where the conversation is over. */
  abstract check(view: TerminationView): TerminationAnswer | Promise<TerminationAnswer>;

  /** Forgets what earlier runs led to; without state there is nothing to do. */
  reset(): void {}

  /**
   * Another that remembers nothing, for another instance of the workflow; without state of its own, this one.
   *
   * `undefined` where a subclass overrides `reset` and does not say: then the workflow cannot be forked.
   */
  fork(): TerminationCondition | undefined {
    return this.reset === TerminationCondition.prototype.reset ? this : undefined;
  }

  /** What it remembers, for a checkpoint; without state nothing. */
  onCheckpointSave(): unknown {
    return undefined;
  }

  /** Takes over what `onCheckpointSave` gave. */
  onCheckpointRestore(_state: unknown): void {}

  /** Holds when both hold. */
  and(other: TerminationCondition): TerminationCondition {
    return new Combination('and', this, other);
  }

  /** Holds when either holds. */
  or(other: TerminationCondition): TerminationCondition {
    return new Combination('or', this, other);
  }

  /** Holds when this does not. */
  not(): TerminationCondition {
    return new Negation(this);
  }
}

class Combination extends TerminationCondition {
  readonly #operator: 'and' | 'or';
  readonly #left: TerminationCondition;
  readonly #right: TerminationCondition;

  constructor(operator: 'and' | 'or', left: TerminationCondition, right: TerminationCondition) {
    super();
    this.#operator = operator;
    this.#left = left;
    this.#right = right;
  }

  /** Asks both always, so that a condition with state sees every step. */
  override async check(view: TerminationView): Promise<TerminationAnswer> {
    const left = await this.#left.check(view);
    const right = await this.#right.check(view);
    if (this.#operator === 'or') return left ?? right;
    return left === undefined || right === undefined ? undefined : `${left} and ${right}`;
  }

  override reset(): void {
    this.#left.reset();
    this.#right.reset();
  }

  override fork(): TerminationCondition | undefined {
    const [left, right] = [this.#left.fork(), this.#right.fork()];
    if (left === undefined || right === undefined) return undefined;
    return new Combination(this.#operator, left, right);
  }

  override onCheckpointSave(): unknown {
    return [this.#left.onCheckpointSave(), this.#right.onCheckpointSave()];
  }

  override onCheckpointRestore(state: unknown): void {
    const [left, right]: readonly unknown[] = Array.isArray(state) ? state : [];
    this.#left.onCheckpointRestore(left);
    this.#right.onCheckpointRestore(right);
  }
}

class Negation extends TerminationCondition {
  readonly #condition: TerminationCondition;

  constructor(condition: TerminationCondition) {
    super();
    this.#condition = condition;
  }

  override async check(view: TerminationView): Promise<TerminationAnswer> {
    return (await this.#condition.check(view)) === undefined ? 'not' : undefined;
  }

  override reset(): void {
    this.#condition.reset();
  }

  override fork(): TerminationCondition | undefined {
    const condition = this.#condition.fork();
    return condition === undefined ? undefined : new Negation(condition);
  }

  override onCheckpointSave(): unknown {
    return this.#condition.onCheckpointSave();
  }

  override onCheckpointRestore(state: unknown): void {
    this.#condition.onCheckpointRestore(state);
  }
}
