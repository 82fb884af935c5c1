import { ColloquyError } from '../errors/colloquy-error.ts';
import {
  type Content,
  type FunctionApprovalRequestContent,
  type FunctionApprovalResponseContent,
  type FunctionCallContent,
} from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { isPlainText } from './plain-text.ts';

/** An approval was answered that nobody asked for, or that was answered before; nothing was changed. */
export class ApprovalError extends ColloquyError {
  static override readonly errorName: string = 'ApprovalError';

  constructor(message: string) {
    super(message, { code: 'agent/approval' });
  }
}

/** A call whose fate the conversation decides: it is run, or the model is told why not. */
export type DecidedCall =
  | { readonly call: FunctionCallContent; readonly isApproved: true }
  | { readonly call: FunctionCallContent; readonly isApproved: false; readonly error: string };

/** What the answers in a conversation come to. */
export interface ApprovalDecisions {
  /** In the order in which they were asked. */
  readonly decided: readonly DecidedCall[];
  /** Questions that still wait; the model is not asked before all have an answer. */
  readonly open: readonly FunctionApprovalRequestContent[];
}

/** A question and what has become of it. */
interface Question {
  readonly request: FunctionApprovalRequestContent;
  answer: FunctionApprovalResponseContent | undefined;
  /** Whether the call has a result, so that no answer can change anything. */
  isSettled: boolean;
  /** Whether the conversation has gone on without an answer. */
  isPassedOver: boolean;
}

const NOBODY_ANSWERED =
  'Not called: nobody answered whether this call may be made, and the conversation went on.';

/** The question about a call; its id is the call's. */
export function approvalRequestFor(
  functionCall: FunctionCallContent,
): FunctionApprovalRequestContent {
  return { type: 'function_approval_request', id: functionCall.callId, functionCall };
}

/**
 * Reads what has become of the approval requests in a conversation.
 *
 * Without a session the whole conversation is the input: an answer that is followed by its call's result was heeded
 * before. A message that says something else than an answer closes the questions that have none.
 *
 * @throws {ApprovalError} for an id that was not asked, was settled before, or is answered twice.
 */
export function readApprovals(
  history: readonly Message[],
  input: readonly Message[],
): ApprovalDecisions {
  const questions = new Map<string, Question>();
  for (const message of [...history, ...input]) {
    if (isPlainText(message)) {
      passOver(questions);
      continue;
    }
    if (isSpoken(message)) passOver(questions);
    for (const content of message.contents) readContent(content, questions);
  }
  const waiting = [...questions.values()].filter(({ isSettled }) => !isSettled);
  return {
    decided: waiting.flatMap(decide),
    open: waiting
      .filter(({ answer, isPassedOver }) => answer === undefined && !isPassedOver)
      .map(({ request }) => request),
  };
}

/** Whether a message says something, and not only answers, calls or tells results. */
function isSpoken({ contents }: Message): boolean {
  return contents.some(
    (content) =>
      (content.type === 'text' && content.text !== '') ||
      content.type === 'data' ||
      content.type === 'uri',
  );
}

function passOver(questions: ReadonlyMap<string, Question>): void {
  for (const question of questions.values()) question.isPassedOver = true;
}

function readContent(content: Content, questions: Map<string, Question>): void {
  if (content.type === 'function_approval_request') {
    const question = { request: content, answer: undefined, isSettled: false, isPassedOver: false };
    if (!questions.has(content.id)) questions.set(content.id, question);
  } else if (content.type === 'function_approval_response') {
    answerQuestion(content, questions);
  } else if (content.type === 'function_result') {
    for (const question of questions.values()) {
      if (question.request.functionCall.callId === content.callId) question.isSettled = true;
    }
  }
}

function answerQuestion(
  answer: FunctionApprovalResponseContent,
  questions: ReadonlyMap<string, Question>,
): void {
  const question = questions.get(answer.id);
  if (question === undefined) throw new ApprovalError(unknownAnswer(answer.id, questions));
  if (question.isSettled || question.answer !== undefined) {
    throw new ApprovalError(
      `Expected one answer to approval "${answer.id}", got another: its call of "${question.request.functionCall.name}" is settled. Answer each request once.`,
    );
  }
  question.answer = answer;
}

function decide({ request, answer, isPassedOver }: Question): DecidedCall[] {
  const call = request.functionCall;
  if (answer?.approved === true) return [{ call, isApproved: true }];
  if (answer !== undefined) {
    const reason = answer.reason === undefined ? '' : `: ${answer.reason}`;
    return [{ call, isApproved: false, error: `The user declined this call${reason}.` }];
  }
  return isPassedOver ? [{ call, isApproved: false, error: NOBODY_ANSWERED }] : [];
}

function unknownAnswer(id: string, questions: ReadonlyMap<string, Question>): string {
  const open = [...questions.values()].filter(({ isSettled }) => !isSettled);
  const known =
    open.length === 0
      ? 'nothing waits for approval'
      : `these wait: ${open.map(({ request }) => request.id).join(', ')}`;
  return `Expected the id of an open approval request, got "${id}"; ${known}. Answer in the session that asked, with the id from response.approvalRequests.`;
}
