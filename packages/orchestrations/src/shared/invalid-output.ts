import { ChatClientError, ColloquyError } from '@colloquy/core';

/** The text of an answer that did not fit the schema it was asked for in; `undefined` for every other failure. */
export function textOfInvalidOutput(error: unknown): string | undefined {
  if (!ColloquyError.isInstance(error) || ChatClientError.isInstance(error)) return undefined;
  const text: unknown = Reflect.get(error, 'text');
  return error.code === 'agent/invalid-output' && typeof text === 'string' ? text : undefined;
}
