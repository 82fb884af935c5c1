import {
  type FunctionApprovalRequestContent,
  type FunctionCallContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { ResponseFold } from '../messages/coalesce.ts';
import { type Message } from '../messages/message.ts';
import { type FinishReason } from '../messages/response.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { addUsage, NO_USAGE, type Usage } from '../messages/usage.ts';
import { errorResult, prepareCall } from '../tools/invoke-tool.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type DecidedCall, readApprovals } from './approvals.ts';
import { CallIds } from './call-ids.ts';
import { type ChatClient } from './chat-client.ts';
import { type ChatOptions } from './chat-options.ts';
import { streamChat } from './collect-chat-response.ts';
import { type CallContext, type CallPlan, planRound, runCalls } from './function-round.ts';
import { callsIn, toModelMessages } from './model-messages.ts';
import { assertTranscript } from './transcript.ts';

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
  /** Hears every piece of the model's answers, approval requests and tool results as they come; their fold is the result. */
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

const LIMIT_REACHED = 'Not called: the limit of tool rounds is reached.';

/**
 * Asks the model, runs the tools it calls, tells it the results, and again, until it answers without calling.
 *
 * Ends early when calls need approval; the other calls of that reply are run, and none is run twice. After
 * `maxToolRounds` rounds the model is asked once more with tools forbidden. A `toolChoice` that demands a call holds
 * for the first request only, or the loop would not end before the limit.
 *
 * @throws {ApprovalError} before anything is done, when the input answers an approval that is not open.
 * @throws {TranscriptError} when the conversation is one that no model may be sent.
 */
export async function runFunctionLoop(loop: FunctionLoopCall): Promise<FunctionLoopResult> {
  const run = new LoopRun(loop);
  const { decided, open } = readApprovals(loop.history, loop.input);
  await run.settle(decided);
  if (open.length > 0) return run.finish(open);
  for (let round = 0; ; round += 1) {
    const isLast = round >= loop.maxToolRounds;
    const isFirst = round === 0 && decided.length === 0;
    const calls = await run.askModel(toolChoiceFor(loop, { isFirst, isLast }));
    if (calls.length === 0) return run.finish([]);
    if (isLast) {
      await run.addResultsOf(calls.map(({ callId }) => errorResult(callId, LIMIT_REACHED)));
      return run.finish([]);
    }
    const { now, requests } = await planRound(calls, loop.tools, loop.context.signal);
    run.addRequests(requests);
    await run.addResultsOf(now);
    if (requests.length > 0) return run.finish(requests);
  }
}

/**
 * Owns what one run adds to the conversation.
 *
 * Invariants:
 * - L1: every call gets exactly one result, or a question and then no request to the model before its answer.
 * - L2: `onUpdate` hears everything that is added, in order.
 */
class LoopRun {
  readonly #loop: FunctionLoopCall;
  readonly #callIds: CallIds;
  #added: readonly Message[] = [];
  #usage: Usage = NO_USAGE;
  #finishReason: FinishReason | undefined;

  constructor(loop: FunctionLoopCall) {
    this.#loop = loop;
    this.#callIds = new CallIds(
      callsIn([...loop.history, ...loop.input]).map(({ callId }) => callId),
    );
  }

  /** Runs or refuses the calls that have been decided about. */
  async settle(decided: readonly DecidedCall[]): Promise<void> {
    const plans = decided.map(async (each) =>
      each.isApproved
        ? prepareCall(each.call, this.#loop.tools)
        : errorResult(each.call.callId, each.error),
    );
    await this.addResultsOf(await Promise.all(plans));
  }

  /** Sends the conversation to the model, adds its answer and returns the calls in it. */
  async askModel(toolChoice: ChatOptions['toolChoice']): Promise<FunctionCallContent[]> {
    const { client, history, input, options, context, onUpdate } = this.#loop;
    const fold = new ResponseFold();
    const messages = toModelMessages([...history, ...input, ...this.#added]);
    assertTranscript(context.agentName, messages);
    const request = toolChoice === undefined ? options : { ...options, toolChoice };
    this.#callIds.beginAnswer();
    for await (const each of streamChat(client, messages, request)) {
      const update = this.#callIds.rename(each);
      fold.add(update);
      onUpdate(update);
    }
    const reply = fold.finish();
    this.#added = [...this.#added, ...reply.messages];
    this.#usage = addUsage(this.#usage, reply.usage);
    this.#finishReason = reply.finishReason;
    return callsIn(reply.messages);
  }

  /** Puts questions to a human at the end of the reply that calls. */
  addRequests(requests: readonly FunctionApprovalRequestContent[]): void {
    const reply = this.#added.at(-1);
    if (requests.length === 0 || reply === undefined) return;
    const asking = { ...reply, contents: [...reply.contents, ...requests] };
    this.#added = [...this.#added.slice(0, -1), asking];
    this.#loop.onUpdate({ role: reply.role, contents: requests });
  }

  /** L1: runs calls and adds their results as one message. */
  async addResultsOf(plans: readonly CallPlan[]): Promise<void> {
    const results: FunctionResultContent[] = [];
    await runCalls(plans, this.#loop.context, (result) => {
      results.push(result);
      this.#loop.onUpdate({ role: 'tool', contents: [result] });
    });
    if (results.length > 0) this.#added = [...this.#added, { role: 'tool', contents: results }];
  }

  /** What the run has added. */
  finish(requests: readonly FunctionApprovalRequestContent[]): FunctionLoopResult {
    return {
      messages: this.#added,
      usage: this.#usage,
      finishReason: this.#finishReason,
      requests,
    };
  }
}

function toolChoiceFor(
  { options: { toolChoice }, tools }: FunctionLoopCall,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): ChatOptions['toolChoice'] {
  if (isLast && tools.length > 0) return 'none';
  const isDemand = toolChoice === 'required' || typeof toolChoice === 'object';
  return isDemand && !isFirst ? 'auto' : toolChoice;
}
