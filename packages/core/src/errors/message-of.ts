/** The message of whatever was thrown; never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something that cannot be read';
  }
}

/** The message of whatever was thrown, to be put within a sentence: without the full stop at its end. */
export function clauseOf(thrown: unknown): string {
  return withoutFullStop(messageOf(thrown));
}

/** A text that goes on in a sentence. */
export function withoutFullStop(text: string): string {
  return text.endsWith('.') && !text.endsWith('..') ? text.slice(0, -1) : text;
}
