import { ConfigurationError, type Message, textOf } from '@colloquy/core';

import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

/** Whose words count. */
export interface TextMentionOptions {
  /** Names of the authors that count; without it every participant's words do, but not the run's input. */
  readonly from?: readonly string[];
}

class TextMention extends TerminationCondition {
  readonly #text: string;
  readonly #from: readonly string[] | undefined;

  constructor(text: string, { from }: TextMentionOptions) {
    super();
    this.#text = text;
    this.#from = from;
  }

  override check({ conversation }: TerminationView): TerminationAnswer {
    const isMentioned = conversation.some(
      (message) => this.#counts(message) && textOf(message).includes(this.#text),
    );
    return isMentioned ? `textMention(${JSON.stringify(this.#text)})` : undefined;
  }

  #counts({ role, authorName }: Message): boolean {
    if (this.#from === undefined) return role !== 'user' || authorName !== undefined;
    return authorName !== undefined && this.#from.includes(authorName);
  }
}

/**
 * Holds once somebody has said a text in this run; case counts.
 *
 * Differs from AutoGen: the run's input does not count, so that a task may say which word ends the chat.
 *
 * @throws {ConfigurationError} when the text is empty.
 */
export function textMention(text: string, options: TextMentionOptions = {}): TerminationCondition {
  if (text !== '') return new TextMention(text, options);
  throw new ConfigurationError(
    'Expected textMention to get a text, got an empty string, which everybody mentions.',
  );
}
