/** What a step came to. */
export type StepOutcome = { readonly value: unknown } | { readonly error: unknown };

/** One thing that a program did. */
export type JournalEntry =
  | { readonly kind: 'step'; readonly outcome: StepOutcome }
  | {
      readonly kind: 'request';
      /** The tag of the request's type. */
      readonly type: string;
      readonly requestId: string;
      /** Absent while it is waited for. */
      readonly answer?: { readonly value: unknown };
    };

/** All that a program did so far, by the ids of its steps and requests; enough to bring it there again. */
export interface ProgramJournal {
  readonly input: unknown;
  readonly entries: ReadonlyMap<string, JournalEntry>;
}

/** The journal with an answer in it; the same where no request has the id. */
export function withAnswer(
  journal: ProgramJournal,
  requestId: string,
  value: unknown,
): ProgramJournal {
  const entries = Array.from(journal.entries, ([id, entry]): [string, JournalEntry] => [
    id,
    entry.kind === 'request' && entry.requestId === requestId
      ? { ...entry, answer: { value } }
      : entry,
  ]);
  return { ...journal, entries: new Map(entries) };
}
