import { ColloquyError } from '../errors/colloquy-error.ts';
import {
  type FunctionApprovalRequestContent,
  type FunctionApprovalResponseContent,
  type FunctionCallContent,
} from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { resultsByCall } from './model-messages.ts';

/** An approval was answered that nobody asked for, or that was answered before; nothing was changed. */
export class ApprovalError extends ColloquyError {
  static override readonly errorName: string = 'ApprovalError';

  constructor(message: string) {
    super(message, { code: 'agent/approval' });
  }
}

/** What the answers in a conversation settle. */
export interface ApprovalDecisions {
  readonly approved: readonly FunctionCallContent[];
  readonly rejected: readonly {
    readonly call: FunctionCallContent;
    readonly reason: string | undefined;
  }[];
  /** Questions without an answer, while others are answered now. */
  readonly open: readonly FunctionApprovalRequestContent[];
}

/** The question about a call; its id is the call's. */
export function approvalRequestFor(
  functionCall: FunctionCallContent,
): FunctionApprovalRequestContent {
  return { type: 'function_approval_request', id: functionCall.callId, functionCall };
}

/**
 * Reads the answers to approval requests out of a run's input.
 *
 * A request is settled once its call has a result; without any answer in the input no question stays open, for the
 * conversation has gone on without one.
 *
 * @throws {ApprovalError} for an id that was not asked, or was answered in an earlier run.
 */
export function readApprovals(
  history: readonly Message[],
  input: readonly Message[],
): ApprovalDecisions {
  const conversation = [...history, ...input];
  const settled = resultsByCall(conversation);
  const requests = new Map(requestsIn(conversation).map((request) => [request.id, request]));
  const asked = new Set(requestsIn(history).map(({ id }) => id));
  const answers = new Map<string, FunctionApprovalResponseContent>();
  for (const answer of responsesIn(input)) {
    const request = requests.get(answer.id);
    if (request === undefined)
      throw new ApprovalError(unknownAnswer(answer.id, [...requests.keys()]));
    if (!settled.has(request.functionCall.callId)) answers.set(answer.id, answer);
    else if (asked.has(answer.id))
      throw new ApprovalError(
        `Approval "${answer.id}" was answered before: its call has a result. Answer each request once.`,
      );
  }
  const pending = [...requests.values()].filter(
    ({ functionCall }) => !settled.has(functionCall.callId),
  );
  const answered = pending.flatMap((request) => {
    const answer = answers.get(request.id);
    return answer === undefined ? [] : [{ call: request.functionCall, answer }];
  });
  return {
    approved: answered.filter(({ answer }) => answer.approved).map(({ call }) => call),
    rejected: answered
      .filter(({ answer }) => !answer.approved)
      .map(({ call, answer }) => ({ call, reason: answer.reason })),
    open: answered.length === 0 ? [] : pending.filter(({ id }) => !answers.has(id)),
  };
}

function unknownAnswer(id: string, open: readonly string[]): string {
  const known =
    open.length === 0 ? 'nothing waits for approval' : `these were asked: ${open.join(', ')}`;
  return `Expected the id of an approval request, got "${id}"; ${known}. Answer in the session that asked, with the id from response.approvalRequests.`;
}

function requestsIn(messages: readonly Message[]): FunctionApprovalRequestContent[] {
  return messages.flatMap(({ contents }) =>
    contents.flatMap((content) => (content.type === 'function_approval_request' ? [content] : [])),
  );
}

function responsesIn(messages: readonly Message[]): FunctionApprovalResponseContent[] {
  return messages.flatMap(({ contents }) =>
    contents.flatMap((content) => (content.type === 'function_approval_response' ? [content] : [])),
  );
}
