/** Why a run is being stopped early. */
export type AbortCause = 'cancelled' | 'failed';

/**
 * The one abort signal of a run, and what aborted it.
 *
 * Owns the signal that handlers see and the listener on the caller's signal.
 *
 * Invariants:
 * - A1: the first cause stands; later ones change nothing.
 * - A2: after `dispose` nothing of the run hangs on the caller's signal, and nothing aborts the run any more.
 */
export class RunCancellation {
  readonly #controller = new AbortController();
  #cause: AbortCause | undefined;
  #isOver = false;
  #listener: (() => void) | undefined;
  #unlink: (() => void) | undefined;

  /** Aborted when the run is cancelled or one of its executors has failed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What aborted the run, if anything did. */
  get cause(): AbortCause | undefined {
    return this.#cause;
  }

  /** A1: aborts the run, unless it is aborted. */
  abort(cause: AbortCause, reason: unknown): void {
    if (this.#cause !== undefined || this.#isOver) return;
    this.#cause = cause;
    this.#controller.abort(reason);
    this.#listener?.();
  }

  /** Calls `listener` once the run is aborted, at once if it is; one listener at a time. The result takes it off. */
  onAbort(listener: () => void): () => void {
    if (this.#cause !== undefined) listener();
    else this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  /** Cancels the run when the caller's signal aborts. */
  follow(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const cancel = (): void => this.abort('cancelled', signal.reason);
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener('abort', cancel, { once: true });
    this.#unlink = () => signal.removeEventListener('abort', cancel);
  }

  /** A2: ends the run's part in it. */
  dispose(): void {
    this.#isOver = true;
    this.#unlink?.();
    this.#unlink = undefined;
  }
}
