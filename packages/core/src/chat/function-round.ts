import { messageOf } from '../errors/message-of.ts';
import {
  type FunctionApprovalRequestContent,
  type FunctionCallContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { orAborted } from '../primitives/abort.ts';
import { errorResult, invokeTool, prepareCall, type ReadyCall } from '../tools/invoke-tool.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type ToolContext } from '../tools/tool-context.ts';
import { approvalRequestFor } from './approvals.ts';

/** What every call of a run is given. */
export type CallContext = Omit<ToolContext, 'callId'>;

/** A call that may be run, or its result where it may not. */
export type CallPlan = ReadyCall | FunctionResultContent;

/** What is to happen with the calls of one reply, in their order. */
export interface RoundPlan {
  /** What is done now. */
  readonly now: readonly CallPlan[];
  /** What a human is asked first. */
  readonly requests: readonly FunctionApprovalRequestContent[];
}

/**
 * Decides which calls of a reply are run and which need a human's approval.
 *
 * Arguments that do not fit and tools that do not exist need nobody's approval: the call fails, and the model is told.
 * So it is when the tool cannot say whether it needs approval.
 */
export async function planRound(
  calls: readonly FunctionCallContent[],
  tools: readonly FunctionTool[],
  signal: AbortSignal,
): Promise<RoundPlan> {
  const plans = await orAborted(
    Promise.all(calls.map(async (call) => askFirst(await prepareCall(call, tools)))),
    signal,
  );
  const requests: FunctionApprovalRequestContent[] = [];
  const now: CallPlan[] = [];
  for (const plan of plans) {
    if (plan.type === 'function_approval_request') requests.push(plan);
    else now.push(plan);
  }
  return { now, requests };
}

/**
 * Runs calls beside each other; `onResult` hears the results in the order of the calls, each as soon as it is its turn.
 *
 * Rejects when the run is aborted, after every call has ended or was left behind.
 */
export async function runCalls(
  plans: readonly CallPlan[],
  context: CallContext,
  onResult: (result: FunctionResultContent) => void,
): Promise<void> {
  const running = plans.map(async (plan) =>
    plan.type === 'ready_call' ? invokeTool(plan, { ...context, callId: plan.call.callId }) : plan,
  );
  const ended = Promise.allSettled(running);
  try {
    for (const result of running) onResult(await result);
  } finally {
    await ended;
  }
}

async function askFirst(plan: CallPlan): Promise<CallPlan | FunctionApprovalRequestContent> {
  if (plan.type !== 'ready_call') return plan;
  const { call, tool, args } = plan;
  try {
    return (await tool.needsApproval(args)) ? approvalRequestFor(call) : plan;
  } catch (error) {
    return errorResult(
      call.callId,
      `Not called: whether "${tool.name}" needs approval could not be decided: ${messageOf(error)}`,
    );
  }
}
