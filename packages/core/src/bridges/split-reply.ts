import { type WorkflowContext } from '../graph/workflow-context.ts';
import {
  type Content,
  type FunctionApprovalRequestContent,
  type FunctionApprovalResponseContent,
} from '../messages/content.ts';
import { type Message, textOf } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { addUsage } from '../messages/usage.ts';
import { createRequestId } from '../requests/request-id.ts';
import { type AgentExecutorState } from './agent-executor-state.ts';
import { ToolApproval, type ToolApprovalAnswer } from './tool-approval.ts';

type Approvals = AgentExecutorState['approvals'];

/** Asks about all calls of a reply that need approval. */
export function askFor(
  requests: readonly FunctionApprovalRequestContent[],
  context: WorkflowContext,
): Approvals {
  return new Map(
    requests.map((request) => {
      const id = createRequestId(context.idempotencyKey, request.id);
      return [ask(request, context, id), { id: request.id, answer: undefined }];
    }),
  );
}

/** Asks what was asked in vain. */
export function askAgain(
  { parts, approvals }: AgentExecutorState,
  context: WorkflowContext,
): undefined {
  const asked = parts.at(-1)?.approvalRequests ?? [];
  for (const [id, open] of approvals) {
    const request = asked.find((other) => other.id === open.id);
    if (request !== undefined && open.answer === undefined && !context.hasRequest(id))
      ask(request, context, id);
  }
}

function ask(
  { functionCall }: FunctionApprovalRequestContent,
  context: WorkflowContext,
  id: string,
): string {
  const { name, arguments: args, callId } = functionCall;
  return context.request(ToolApproval, { name, arguments: args, callId }, { id });
}

/** An answer to a question, as it was taken. */
export interface TakenAnswer {
  readonly approvals: Approvals;
  /** All answers as one message for the agent; `undefined` while questions are open. */
  readonly message: Message | undefined;
}

/** Takes an answer; `undefined` where nobody waits for it. */
export function takeAnswer(
  before: Approvals,
  requestId: string,
  answer: ToolApprovalAnswer,
): TakenAnswer | undefined {
  const open = before.get(requestId);
  if (open === undefined) return undefined;
  const approvals = new Map(before).set(requestId, { ...open, answer });
  const answers = new Map(
    [...approvals.values()].flatMap((each) =>
      each.answer === undefined ? [] : [[each.id, each.answer] as const],
    ),
  );
  const message = answers.size < approvals.size ? undefined : answersToMessage(answers);
  return { approvals, message };
}

/** The answers as one message for the agent. */
function answersToMessage(answers: ReadonlyMap<string, ToolApprovalAnswer>): Message {
  const contents = Array.from(
    answers,
    ([id, { approve, reason }]): FunctionApprovalResponseContent => ({
      type: 'function_approval_response',
      id,
      approved: approve,
      ...(reason === undefined ? {} : { reason }),
    }),
  );
  return { role: 'user', contents };
}

/**
 * The parts of a reply that approvals had split, as one reply.
 *
 * The questions are left out, so what stands is a valid conversation: every call with its result.
 */
export function joinResponses(parts: readonly AgentResponse[], last: AgentResponse): AgentResponse {
  const messages = [...parts, last].flatMap((part) => part.messages.flatMap(withoutQuestions));
  return {
    ...last,
    messages,
    text: messages.map(textOf).findLast((text) => text !== '') ?? '',
    usage: parts.reduce((sum, { usage }) => addUsage(sum, usage), last.usage),
  };
}

function withoutQuestions(message: Message): Message[] {
  const contents = message.contents.filter((content) => !isQuestion(content));
  if (contents.length === message.contents.length) return [message];
  return contents.length === 0 ? [] : [{ ...message, contents }];
}

function isQuestion({ type }: Content): boolean {
  return type === 'function_approval_request' || type === 'function_approval_response';
}
