import { type Content, type FinishReason, type Usage } from '@colloquy/core';

/** What an answer had when it ended. */
export interface AnswerFacts {
  readonly hasCalls: boolean;
  /** The model's own words of refusal; empty where it did not refuse. */
  readonly refusal: string;
}

/**
 * The finish reason we tell for the one the server gave.
 *
 * A refusal ends with `stop` on the wire and counts as `content_filter`. Servers that end an answer with tool calls
 * by `stop` are corrected, so that the calls are not lost.
 */
export function finishReasonOf(given: FinishReason, facts: AnswerFacts): FinishReason {
  if (facts.refusal !== '') return 'content_filter';
  return facts.hasCalls && given === 'stop' ? 'tool_calls' : given;
}

/** What the last update of an answer carries: a refusal as one `error` content, then the usage. */
export function finalContents(refusal: string, usage: Usage | undefined): Content[] {
  const contents: Content[] = [];
  if (refusal !== '') contents.push({ type: 'error', code: 'refusal', message: refusal });
  if (usage !== undefined) contents.push({ type: 'usage', usage });
  return contents;
}
