import {
  type FunctionApprovalRequestContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { type FinishReason } from '../messages/response.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { addUsage, NO_USAGE, type Usage } from '../messages/usage.ts';
import { errorResult } from '../tools/invoke-tool.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { readApprovals } from './approvals.ts';
import { type ChatClient } from './chat-client.ts';
import { type ChatOptions } from './chat-options.ts';
import { collectChatResponse } from './collect-chat-response.ts';
import { type CallContext, runApproved, runRound } from './function-round.ts';
import { callsIn, toModelMessages, withUniqueCallIds } from './model-messages.ts';

/** What the loop works on. */
export interface FunctionLoopCall {
  readonly client: ChatClient;
  readonly tools: readonly FunctionTool[];
  /** What was said in earlier runs. */
  readonly history: readonly Message[];
  /** What this run adds before the model speaks. */
  readonly input: readonly Message[];
  readonly options: ChatOptions;
  /** How often tools may be called before the model must answer without them. */
  readonly maxToolRounds: number;
  readonly context: CallContext;
  /** Hears every piece of the model's answers, and tool results, as they come. */
  readonly onUpdate: (update: ChatResponseUpdate) => void;
}

/** What the loop adds to the conversation. */
export interface FunctionLoopResult {
  readonly messages: readonly Message[];
  readonly usage: Usage;
  readonly finishReason: FinishReason | undefined;
  /** Calls that wait for a human; the loop goes on in a run that brings all the answers. */
  readonly requests: readonly FunctionApprovalRequestContent[];
}

/** Owns what one run adds to the conversation. */
interface LoopState {
  readonly added: Message[];
  usage: Usage;
  finishReason: FinishReason | undefined;
}

/**
 * Asks the model, runs the tools it calls, tells it the results, and again, until it answers without calling.
 *
 * Every call gets exactly one result. After `maxToolRounds` rounds the model is asked once more with tools forbidden.
 * Ends early when a call needs approval.
 *
 * @throws {ApprovalError} when the input answers an approval that is not open.
 */
export async function runFunctionLoop(loop: FunctionLoopCall): Promise<FunctionLoopResult> {
  const state: LoopState = { added: [], usage: NO_USAGE, finishReason: undefined };
  const open = await settleApprovals(loop, state);
  if (open.length > 0) return finish(state, open);
  for (let round = 0; ; round += 1) {
    const isLast = round >= loop.maxToolRounds;
    const reply = await askModel(loop, state, isLast);
    const calls = callsIn(reply);
    if (calls.length === 0) return finish(state, []);
    if (isLast) {
      addResults(
        loop,
        state,
        calls.map(({ callId }) =>
          errorResult(callId, 'Not called: the limit of tool rounds is reached.'),
        ),
      );
      return finish(state, []);
    }
    const { results, requests } = await runRound(calls, loop.tools, loop.context);
    addResults(loop, state, results);
    if (requests.length === 0) continue;
    add(loop, state, { role: 'assistant', contents: requests });
    return finish(state, requests);
  }
}

/** Runs or refuses the calls that the input decides; returns the questions that are still open. */
async function settleApprovals(
  loop: FunctionLoopCall,
  state: LoopState,
): Promise<readonly FunctionApprovalRequestContent[]> {
  const { approved, rejected, open } = readApprovals(loop.history, loop.input);
  const refusals = rejected.map(({ call, reason }) =>
    errorResult(
      call.callId,
      `The user declined this call${reason === undefined ? '' : `: ${reason}`}.`,
    ),
  );
  addResults(loop, state, [
    ...(await runApproved(approved, loop.tools, loop.context)),
    ...refusals,
  ]);
  return open;
}

async function askModel(
  loop: FunctionLoopCall,
  state: LoopState,
  isLast: boolean,
): Promise<readonly Message[]> {
  const earlier = [...loop.history, ...loop.input, ...state.added];
  const options: ChatOptions =
    isLast && loop.tools.length > 0 ? { ...loop.options, toolChoice: 'none' } : loop.options;
  const response = await collectChatResponse(
    loop.client,
    toModelMessages(earlier),
    options,
    loop.onUpdate,
  );
  const reply = withUniqueCallIds(response.messages, earlier);
  state.added.push(...reply);
  state.usage = addUsage(state.usage, response.usage);
  state.finishReason = response.finishReason;
  return reply;
}

function addResults(
  loop: FunctionLoopCall,
  state: LoopState,
  results: readonly FunctionResultContent[],
): void {
  if (results.length > 0) add(loop, state, { role: 'tool', contents: results });
}

function add(loop: FunctionLoopCall, state: LoopState, message: Message): void {
  state.added.push(message);
  loop.onUpdate({ role: message.role, contents: message.contents });
}

function finish(
  { added, usage, finishReason }: LoopState,
  requests: readonly FunctionApprovalRequestContent[],
): FunctionLoopResult {
  return { messages: added, usage, finishReason, requests };
}
