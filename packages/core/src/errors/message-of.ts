/** The message of whatever was thrown; never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something that cannot be read';
  }
}

/** A text, or the message of whatever was thrown, to be put within a sentence: without the full stop at its end. */
export function clauseOf(thrown: unknown): string {
  return messageOf(thrown).replace(/(?<!\.)\.$/, '');
}
