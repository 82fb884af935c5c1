import { ConfigurationError } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';

/** Who may speak after whom, whoever chooses. */
export interface TurnRules {
  /** Whether one may speak twice in a row; default true. */
  readonly allowRepeat?: boolean | undefined;
  /** Names of those who may speak after each; after one who is not listed, anybody. */
  readonly transitions?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Who may speak now, in declared order.
 *
 * @param lastSpeaker - Who has just spoken; `undefined` where somebody from outside has, and anybody may go on.
 */
export function candidatesOf<T extends { readonly name: string }>(
  participants: readonly T[],
  lastSpeaker: string | undefined,
  { allowRepeat = true, transitions = {} }: TurnRules,
): readonly T[] {
  if (lastSpeaker === undefined) return participants;
  const allowed = Object.hasOwn(transitions, lastSpeaker) ? transitions[lastSpeaker] : undefined;
  return participants.filter(
    ({ name }) =>
      (allowRepeat || name !== lastSpeaker) && (allowed === undefined || allowed.includes(name)),
  );
}

/** @throws {ConfigurationError} `group-chat/transitions` when the rules are of another form, or name somebody who does not take part. */
export function assertTurnRules(
  { allowRepeat, transitions }: TurnRules,
  names: readonly string[],
): void {
  const repeat: unknown = allowRepeat;
  if (repeat !== undefined && typeof repeat !== 'boolean')
    throw invalid(`Expected allowRepeat to be true or false, got ${describeValue(repeat)}.`);
  const given: unknown = transitions;
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null)
    throw invalid(`Expected transitions to be { name: names }, got ${describeValue(given)}.`);
  for (const [from, to] of Object.entries(given) as [string, unknown][]) {
    if (!Array.isArray(to))
      throw invalid(
        `Expected transitions.${from} to be a list of names, got ${describeValue(to)}. Pass [] where the chat ends after ${from}.`,
      );
    const unknown = [from, ...to].find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw invalid(
        `Expected the names in transitions to be participants' (${names.join(', ')}), got ${describeValue(unknown)}.`,
      );
  }
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'group-chat/transitions' });
}
