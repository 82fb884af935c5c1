import { isMessage, type Message, type StandardSchema } from '@colloquy/core';

/**
 * Makes a schema from a type guard: what the guard claims is taken as it is.
 *
 * What orchestrations say to each other is checked by guards, so that a program which has no schema library of its
 * own need not carry one.
 */
export function guardSchema<TValue>(
  expected: string,
  guard: (value: unknown) => value is TValue,
): StandardSchema<TValue> {
  return {
    '~standard': {
      version: 1,
      vendor: 'colloquy',
      validate: (value) =>
        guard(value) ? { value } : { issues: [{ message: `expected ${expected}` }] },
    },
  };
}

/** Takes one message. */
export const messageSchema: StandardSchema<Message> = guardSchema('a message', isMessage);

/** Takes a list of messages, perhaps empty. */
export const messagesSchema: StandardSchema<readonly Message[]> = guardSchema(
  'messages',
  isMessageList,
);

/** Claims that a value is a list of messages. */
export function isMessageList(value: unknown): value is readonly Message[] {
  return Array.isArray(value) && value.every(isMessage);
}
