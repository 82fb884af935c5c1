import { defineRequest, type RequestType } from '../graph/request-type.ts';
import {
  type Content,
  type FunctionApprovalRequestContent,
  type FunctionApprovalResponseContent,
} from '../messages/content.ts';
import { type Message, textOf } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { addUsage } from '../messages/usage.ts';
import { isRecord } from '../primitives/json.ts';
import { guardSchema } from '../schema/guard-schema.ts';

/** The call that a human is asked about. */
export interface ToolApprovalRequest {
  /** The tool's name. */
  readonly name: string;
  /** As the model gave them; text where they could not be read. */
  readonly arguments: unknown;
  readonly callId: string;
}

/** Whether the call may be made. */
export interface ToolApprovalAnswer {
  readonly approve: boolean;
  /** Told to the model when the call is declined. */
  readonly reason?: string | undefined;
}

/** Asks whether an agent in a workflow may call a tool. */
export const ToolApproval: RequestType<ToolApprovalRequest, ToolApprovalAnswer> = defineRequest(
  'tool_approval',
  {
    request: guardSchema(
      '{ name, arguments, callId }',
      (value): value is ToolApprovalRequest =>
        isRecord(value) && typeof value['name'] === 'string' && typeof value['callId'] === 'string',
    ),
    response: guardSchema(
      '{ approve: boolean, reason?: string }',
      (value): value is ToolApprovalAnswer =>
        isRecord(value) &&
        typeof value['approve'] === 'boolean' &&
        ['undefined', 'string'].includes(typeof value['reason']),
    ),
    responseSchema: {
      type: 'object',
      properties: { approve: { type: 'boolean' }, reason: { type: 'string' } },
      required: ['approve'],
    },
  },
);

/** What is asked about a call. */
export function approvalOf({ functionCall }: FunctionApprovalRequestContent): ToolApprovalRequest {
  const { name, arguments: args, callId } = functionCall;
  return { name, arguments: args, callId };
}

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
