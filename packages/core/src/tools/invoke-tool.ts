import { messageOf } from '../errors/message-of.ts';
import { type FunctionCallContent, type FunctionResultContent } from '../messages/content.ts';
import { describeValue, type JsonValue } from '../primitives/json.ts';
import { type FunctionTool } from './tool.ts';
import { type ToolContext } from './tool-context.ts';

/**
 * Runs one call and turns what comes of it into content for the model: a result, or the message of an error.
 *
 * Rejects only when the run is aborted.
 */
export async function invokeTool(
  tool: FunctionTool,
  call: FunctionCallContent,
  context: ToolContext,
): Promise<FunctionResultContent> {
  const { callId } = call;
  context.signal.throwIfAborted();
  try {
    const args = await tool.parse(call.arguments);
    const result: unknown = await tool.execute(args, context);
    return { type: 'function_result', callId, result: toJsonResult(tool.name, result) };
  } catch (error) {
    context.signal.throwIfAborted();
    return errorResult(callId, messageOf(error));
  }
}

/** A result that tells the model what went wrong. */
export function errorResult(callId: string, error: string): FunctionResultContent {
  return { type: 'function_result', callId, error };
}

/** What the model can be told: plain JSON, `undefined` as null. */
function toJsonResult(toolName: string, result: unknown): JsonValue {
  if (result === undefined) return null;
  const text = JSON.stringify(result);
  if (text === undefined) {
    throw new TypeError(
      `Expected "${toolName}" to return what JSON can carry, got ${describeValue(result)}.`,
    );
  }
  const value: JsonValue = JSON.parse(text);
  return value;
}
