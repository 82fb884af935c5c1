import { type FunctionCallContent, type FunctionResultContent } from '@colloquy/core';

/** The arguments of a call as the JSON text that both APIs take; text that is not JSON is sent as the model wrote it. */
export function argumentsText(call: FunctionCallContent): string {
  if (typeof call.arguments !== 'string') return JSON.stringify(call.arguments);
  // A call without arguments streams as empty text, which servers that parse the history reject.
  return call.arguments === '' ? '{}' : call.arguments;
}

/** What the model is told of a tool call: the error, a text result as it is, any other result as JSON. */
export function resultText(result: FunctionResultContent): string {
  if (result.error !== undefined) return result.error;
  return typeof result.result === 'string' ? result.result : JSON.stringify(result.result);
}
