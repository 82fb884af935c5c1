import { messageOf } from '../errors/message-of.ts';
import { type FunctionCallContent, type FunctionResultContent } from '../messages/content.ts';
import { orAborted } from '../primitives/abort.ts';
import { toJsonResult } from './json-result.ts';
import { type FunctionTool } from './tool.ts';
import { type ToolContext } from './tool-context.ts';

/** A call that may be run: its tool exists and its arguments fit. */
export interface ReadyCall {
  readonly type: 'ready_call';
  readonly call: FunctionCallContent;
  readonly tool: FunctionTool;
  /** Validated. */
  readonly args: unknown;
}

/** Finds a call's tool and validates the arguments; the result tells the model what is wrong with them. */
export async function prepareCall(
  call: FunctionCallContent,
  tools: readonly FunctionTool[],
): Promise<ReadyCall | FunctionResultContent> {
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return errorResult(call.callId, unknownTool(call.name, tools));
  try {
    return { type: 'ready_call', call, tool, args: await tool.parse(call.arguments) };
  } catch (error) {
    return errorResult(call.callId, messageOf(error));
  }
}

/**
 * Runs one call and turns what comes of it into content for the model: a result, or the message of an error.
 *
 * Rejects only when the run is aborted, then at once; a tool that does not heed the signal is left behind.
 *
 * Security: the message of what a tool throws is told to the model, and so to whoever reads its answers.
 */
export async function invokeTool(
  { call: { callId }, tool, args }: ReadyCall,
  context: ToolContext,
): Promise<FunctionResultContent> {
  const { signal } = context;
  signal.throwIfAborted();
  try {
    const result: unknown = await orAborted(runTool(tool, args, context), signal);
    return { type: 'function_result', callId, result: toJsonResult(tool.name, result) };
  } catch (error) {
    signal.throwIfAborted();
    return errorResult(callId, messageOf(error));
  }
}

/** A result that tells the model what went wrong. */
export function errorResult(callId: string, error: string): FunctionResultContent {
  return { type: 'function_result', callId, error };
}

/** Makes what a tool throws at once a rejection. */
async function runTool(tool: FunctionTool, args: unknown, context: ToolContext): Promise<unknown> {
  return tool.execute(args, context);
}

function unknownTool(name: string, tools: readonly FunctionTool[]): string {
  const known =
    tools.length === 0
      ? 'There are no tools'
      : `There are: ${tools.map((tool) => tool.name).join(', ')}`;
  return `There is no tool "${name}". ${known}.`;
}
