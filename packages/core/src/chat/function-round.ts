import {
  type FunctionApprovalRequestContent,
  type FunctionCallContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { errorResult, invokeTool } from '../tools/invoke-tool.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type ToolContext } from '../tools/tool-context.ts';
import { approvalRequestFor } from './approvals.ts';

/** What every call of a run is given. */
export type CallContext = Omit<ToolContext, 'callId'>;

/** What a round of calls came to: for each call a result or a question, in the order of the calls. */
export interface RoundOutcome {
  readonly results: readonly FunctionResultContent[];
  readonly requests: readonly FunctionApprovalRequestContent[];
}

/**
 * Runs the calls of one reply beside each other.
 *
 * A call that needs approval is not run. A call of a tool that does not exist is answered with those that do.
 */
export async function runRound(
  calls: readonly FunctionCallContent[],
  tools: readonly FunctionTool[],
  context: CallContext,
): Promise<RoundOutcome> {
  const outcomes = await Promise.all(calls.map((call) => runCall(call, tools, context)));
  return {
    results: outcomes.flatMap((outcome) => (outcome.type === 'function_result' ? [outcome] : [])),
    requests: outcomes.flatMap((outcome) =>
      outcome.type === 'function_approval_request' ? [outcome] : [],
    ),
  };
}

/** Runs calls that a human has agreed to. */
export async function runApproved(
  calls: readonly FunctionCallContent[],
  tools: readonly FunctionTool[],
  context: CallContext,
): Promise<FunctionResultContent[]> {
  return Promise.all(
    calls.map(async (call) => {
      const tool = tools.find(({ name }) => name === call.name);
      if (tool === undefined) return unknownTool(call, tools);
      return invokeTool(tool, call, { ...context, callId: call.callId });
    }),
  );
}

async function runCall(
  call: FunctionCallContent,
  tools: readonly FunctionTool[],
  context: CallContext,
): Promise<FunctionResultContent | FunctionApprovalRequestContent> {
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return unknownTool(call, tools);
  if (await needsApproval(tool, call)) return approvalRequestFor(call);
  return invokeTool(tool, call, { ...context, callId: call.callId });
}

/** Arguments that do not fit need nobody's approval: the call fails anyway, and the model is told. */
async function needsApproval(tool: FunctionTool, call: FunctionCallContent): Promise<boolean> {
  let args: unknown;
  try {
    args = await tool.parse(call.arguments);
  } catch {
    return false;
  }
  return tool.needsApproval(args);
}

function unknownTool(
  { callId, name }: FunctionCallContent,
  tools: readonly FunctionTool[],
): FunctionResultContent {
  const known =
    tools.length === 0
      ? 'There are no tools'
      : `There are: ${tools.map((tool) => tool.name).join(', ')}`;
  return errorResult(callId, `There is no tool "${name}". ${known}.`);
}
