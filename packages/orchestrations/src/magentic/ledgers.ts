/** What is known and what is to be done. */
export interface TaskLedger {
  readonly facts: string;
  readonly plan: string;
}

/** An answer of the progress ledger, and why. */
export interface LedgerItem<TAnswer> {
  readonly reason: string;
  readonly answer: TAnswer;
}

/** Where the work stands, as the manager sees it. */
export interface ProgressLedger {
  readonly isRequestSatisfied: LedgerItem<boolean>;
  readonly isInLoop: LedgerItem<boolean>;
  readonly isProgressBeingMade: LedgerItem<boolean>;
  /** A participant's name, spelt as declared. */
  readonly nextSpeaker: LedgerItem<string>;
  /** What the next speaker is told. */
  readonly instructionOrQuestion: LedgerItem<string>;
}

/** What a progress ledger leads to. */
export interface LedgerVerdict {
  readonly stalls: number;
  readonly next: 'finish' | 'replan' | 'speak' | 'again';
}

/**
 * Judges a progress ledger: satisfied is the end; no progress or a loop is one stall more, progress one less; more than
 * `maxStalls` of them and the plan is made anew.
 *
 * @param ledger - `undefined` for one that could not be had, which is a round without progress.
 *
 * As the Magentic-One paper and Python `_magentic.py`. Differs from Python: a ledger that fails counts as a stall.
 */
export function judgeLedger(
  ledger: ProgressLedger | undefined,
  stalls: number,
  maxStalls: number,
): LedgerVerdict {
  if (ledger?.isRequestSatisfied.answer === true) return { stalls, next: 'finish' };
  const isStalled =
    ledger === undefined || ledger.isInLoop.answer || !ledger.isProgressBeingMade.answer;
  const counted = isStalled ? stalls + 1 : Math.max(0, stalls - 1);
  if (counted > maxStalls) return { stalls: counted, next: 'replan' };
  return { stalls: counted, next: ledger === undefined ? 'again' : 'speak' };
}
