import { isNestingContext } from '../graph/nesting-context.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import {
  type Content,
  type FunctionApprovalRequestContent,
  type FunctionApprovalResponseContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { type Message, textOf } from '../messages/message.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type AgentResponse } from '../messages/response.ts';
import { addUsage } from '../messages/usage.ts';
import { type JsonValue } from '../primitives/json.ts';
import { createRequestId } from '../requests/request-id.ts';
import { type AgentExecutorState } from './agent-executor-state.ts';
import { ToolApproval, type ToolApprovalAnswer } from './tool-approval.ts';

type Questions = AgentExecutorState['questions'];

/** What a reply waits for: the yes to a call, or whatever a workflow within has asked. */
type Question = FunctionApprovalRequestContent | PendingRequest;

/** Asks all that a reply waits for. */
export function askFor(reply: AgentResponse, context: WorkflowContext): Questions {
  return new Map(
    questionsOf(reply).map((question) => {
      const id = createRequestId(context.idempotencyKey, question.id);
      ask(question, context, id);
      return [id, { id: question.id, answer: undefined }];
    }),
  );
}

/** Asks what was asked in vain. */
export function askAgain(
  { parts, questions }: AgentExecutorState,
  context: WorkflowContext,
): undefined {
  const asked = questionsOf(parts.at(-1));
  for (const [id, open] of questions) {
    const question = asked.find((other) => other.id === open.id);
    if (question !== undefined && open.answer === undefined && !context.hasRequest(id))
      ask(question, context, id);
  }
}

function questionsOf(reply: AgentResponse | undefined): readonly Question[] {
  return reply === undefined ? [] : [...reply.approvalRequests, ...(reply.pendingRequests ?? [])];
}

function ask(question: Question, context: WorkflowContext, id: string): void {
  if ('functionCall' in question) {
    const { name, arguments: args, callId } = question.functionCall;
    context.request(ToolApproval, { name, arguments: args, callId }, { id });
  } else if (isNestingContext(context)) {
    const { executorId } = context;
    const path = [executorId, ...(question.path ?? [question.executorId])];
    context.forwardRequest({ ...question, id, executorId, path });
  }
}

/** An answer to a question, as it was taken. */
export interface TakenAnswer {
  readonly questions: Questions;
  /** All answers as one message for the agent; `undefined` while questions are open. */
  readonly message: Message | undefined;
}

/** Takes a validated answer; `undefined` where nobody waits for it. */
export function takeAnswer(
  { questions: before, parts }: AgentExecutorState,
  requestId: string,
  answer: unknown,
): TakenAnswer | undefined {
  const open = before.get(requestId);
  if (open === undefined) return undefined;
  const isRequest = parts.at(-1)?.pendingRequests?.some(({ id }) => id === open.id) === true;
  const told = isRequest ? resultOf(open.id, answer) : approvalOf(open.id, answer);
  const questions = new Map(before).set(requestId, { ...open, answer: told });
  const contents = [...questions.values()].flatMap((each) => each.answer ?? []);
  const message: Message = { role: 'user', contents };
  return { questions, message: contents.length < questions.size ? undefined : message };
}

function resultOf(callId: string, answer: unknown): FunctionResultContent {
  // Answers come from outside, as JSON.
  return { type: 'function_result', callId, result: answer as JsonValue };
}

function approvalOf(id: string, answer: unknown): FunctionApprovalResponseContent {
  const { approve, reason } = answer as ToolApprovalAnswer;
  return {
    type: 'function_approval_response',
    id,
    approved: approve,
    ...(reason === undefined ? {} : { reason }),
  };
}

/**
 * The parts of a reply that questions had split, as one reply.
 *
 * The questions are left out, so what stands is a valid conversation: every call with its result.
 */
export function joinResponses(parts: readonly AgentResponse[], last: AgentResponse): AgentResponse {
  const asked = new Set(parts.flatMap(({ pendingRequests = [] }) => pendingRequests.map(idOf)));
  const messages = [...parts, last].flatMap((part) =>
    part.messages.flatMap((message) => withoutQuestions(message, asked)),
  );
  return {
    ...last,
    messages,
    text: messages.map(textOf).findLast((text) => text !== '') ?? '',
    usage: parts.reduce((sum, { usage }) => addUsage(sum, usage), last.usage),
  };
}

function withoutQuestions(message: Message, asked: ReadonlySet<string>): Message[] {
  const contents = message.contents.filter((content) => !isQuestion(content, asked));
  if (contents.length === message.contents.length) return [message];
  return contents.length === 0 ? [] : [{ ...message, contents }];
}

function isQuestion(content: Content, asked: ReadonlySet<string>): boolean {
  if (content.type === 'function_call') return asked.has(content.callId);
  return (
    content.type === 'function_approval_request' || content.type === 'function_approval_response'
  );
}

function idOf({ id }: PendingRequest): string {
  return id;
}
