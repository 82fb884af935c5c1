/** What a ledger says; what is left out is progress by `A`. */
export interface LedgerScript {
  readonly satisfied?: boolean | string;
  readonly loop?: boolean;
  readonly progress?: boolean;
  readonly next?: string;
  readonly say?: string;
}

/** A progress ledger as a model writes it. */
export function ledger({
  satisfied = false,
  loop = false,
  progress = true,
  next = 'A',
  say = `go ${next}`,
}: LedgerScript = {}): string {
  const item = (answer: unknown) => ({ reason: 'because', answer });
  return JSON.stringify({
    is_request_satisfied: item(satisfied),
    is_in_loop: item(loop),
    is_progress_being_made: item(progress),
    next_speaker: item(next),
    instruction_or_question: item(say),
  });
}
