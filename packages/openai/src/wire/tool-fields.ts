import { type ModelRequest } from './model-request.ts';
import { omitUndefined } from './omit-undefined.ts';

/** How a request chooses among its tools. */
export type ToolChoice = NonNullable<ModelRequest['toolChoice']>;

/**
 * The fields of a request about its tools, beside the tools themselves; both APIs name them alike.
 *
 * Both fields are errors without tools; what they ask for then holds anyway, but for a call that must be made.
 *
 * @param toApi - Writes a choice as the API has it.
 */
export function toolFields<TChoice>(
  { toolChoice, parallelToolCalls, tools = [] }: ModelRequest,
  toApi: (choice: ToolChoice) => TChoice,
): { tool_choice?: TChoice; parallel_tool_calls?: boolean } {
  const hasTools = tools.length > 0;
  const isMoot = !hasTools && (toolChoice === 'auto' || toolChoice === 'none');
  return omitUndefined({
    tool_choice: isMoot || toolChoice === undefined ? undefined : toApi(toolChoice),
    parallel_tool_calls: hasTools ? parallelToolCalls : undefined,
  });
}
