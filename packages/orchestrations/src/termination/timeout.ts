import { assertAboveZero } from './budgets.ts';
import { TerminationCondition, type TerminationAnswer } from './termination-condition.ts';

/** Where the time is read. */
export interface TimeoutOptions {
  /** Milliseconds since the epoch; default the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/**
 * Owns how long the run has taken, over interruptions; the time in between does not count.
 */
class Timeout extends TerminationCondition {
  readonly #limitMs: number;
  readonly #now: () => number;
  #startedAt: number | undefined;

  constructor(limitMs: number, now: () => number) {
    super();
    this.#limitMs = limitMs;
    this.#now = now;
  }

  override check(): TerminationAnswer {
    this.#startedAt ??= this.#now();
    return this.#now() - this.#startedAt >= this.#limitMs ? `timeout(${this.#limitMs})` : undefined;
  }

  override reset(): void {
    this.#startedAt = undefined;
  }

  override fork(): TerminationCondition {
    return new Timeout(this.#limitMs, this.#now);
  }

  override onCheckpointSave(): unknown {
    return this.#startedAt === undefined ? undefined : this.#now() - this.#startedAt;
  }

  override onCheckpointRestore(elapsedMs: unknown): void {
    this.#startedAt = typeof elapsedMs === 'number' ? this.#now() - elapsedMs : undefined;
  }
}

/**
 * Holds once a run has taken so long, in milliseconds, counted from its input.
 *
 * Looked at between turns: it cuts no turn short. For that pass `signal: AbortSignal.timeout(ms)` to the run.
 *
 * @throws {ConfigurationError} unless the limit is above 0.
 */
export function timeout(
  limitMs: number,
  { now = Date.now }: TimeoutOptions = {},
): TerminationCondition {
  assertAboveZero('timeout', limitMs);
  return new Timeout(limitMs, now);
}
