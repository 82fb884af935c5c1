import { type Content, type FunctionApprovalResponseContent } from '../messages/content.ts';
import { type Message, textOf } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { addUsage } from '../messages/usage.ts';
import { type ToolApprovalAnswer } from './tool-approval.ts';

/** The answers as one message for the agent. */
export function answersToMessage(answers: ReadonlyMap<string, ToolApprovalAnswer>): Message {
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
