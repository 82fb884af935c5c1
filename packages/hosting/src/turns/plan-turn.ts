import { type PendingQuestion, type Standing } from '../store/records.ts';
import { invalidRequest, tooNested } from '../wire/api-error.ts';
import { type InputAnswer, type SortedItems } from '../wire/input-items.ts';
import { jsonDepth } from '../wire/json-depth.ts';
import { type TurnStart } from './run-turn.ts';

/** Where a turn goes on. */
export interface TurnContext extends Standing {
  /** Whether something is under way there that an empty input may finish. */
  readonly isUnfinished: boolean;
}

/**
 * Decides what a turn does with its input.
 *
 * @param maxDepth - How deep the JSON of an answer may be nested.
 * @throws {ApiError} 400 when the input and the place do not fit: answers where nothing waits for them, text where answers
 *   are due, or nothing at all.
 */
export function planTurn(
  { messages, answers }: SortedItems,
  context: TurnContext | undefined,
  maxDepth: number,
): TurnStart {
  const pending = context?.pending ?? [];
  if (answers.length > 0) {
    if (messages.length > 0)
      throw invalidRequest(
        'Expected either answers or messages, got both. Send the answers first, and the messages with the next request.',
        'input',
        'mixed_input',
      );
    const responses = responsesOf(answers, pending, maxDepth);
    if (context === undefined) throw nothingWaits();
    return { kind: 'answers', checkpointId: context.checkpointId, responses };
  }
  if (pending.length > 0)
    throw invalidRequest(
      `Expected answers, got ${messages.length === 0 ? 'nothing' : 'messages'}. ${describePending(pending)}`,
      'input',
      'pending_requests',
    );
  const isEnough = messages.length > 0 || context?.isUnfinished === true;
  if (!isEnough)
    throw invalidRequest('Expected input with something said.', 'input', 'missing_input');
  return context === undefined
    ? { kind: 'clean', messages }
    : { kind: 'messages', checkpointId: context.checkpointId, messages };
}

function responsesOf(
  answers: readonly InputAnswer[],
  pending: readonly PendingQuestion[],
  maxDepth: number,
): Readonly<Record<string, unknown>> {
  if (pending.length === 0) throw nothingWaits();
  const responses = new Map<string, unknown>();
  for (const answer of answers) {
    const question = pending.find(
      ({ itemId, kind }) => itemId === answer.id && kind === answer.kind,
    );
    if (question === undefined)
      throw invalidRequest(
        `No ${answer.kind === 'output' ? 'call' : 'approval request'} with id ${JSON.stringify(answer.id.slice(0, 200))} waits for an answer. ${describePending(pending)}`,
        answer.param,
        'unknown_request',
      );
    if (responses.has(question.id))
      throw invalidRequest(
        `Expected one answer to ${JSON.stringify(answer.id)}, got several.`,
        answer.param,
        'duplicate_answer',
      );
    responses.set(question.id, valueOf(answer, question, maxDepth));
  }
  return Object.fromEntries(responses);
}

/** An output is the answer's JSON, unless the question takes plain text, or it is no JSON. */
function valueOf(
  { value, param }: InputAnswer,
  { takesText }: PendingQuestion,
  maxDepth: number,
): unknown {
  if (typeof value !== 'string' || takesText) return value;
  const parsed = parseOrKeep(value);
  // To the body it was a text, of any depth.
  if (typeof parsed === 'object' && jsonDepth(value) > maxDepth) throw tooNested(maxDepth, param);
  return parsed;
}

function parseOrKeep(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function nothingWaits(): Error {
  return invalidRequest(
    'Nothing waits for an answer here: none was asked, or it has been answered. Go on from the response that asked, by previous_response_id or its conversation.',
    'input',
    'no_pending_requests',
  );
}

function describePending(pending: readonly PendingQuestion[]): string {
  const list = pending.map(({ itemId, kind }) =>
    kind === 'output'
      ? `function_call_output with call_id "${itemId}"`
      : `mcp_approval_response with approval_request_id "${itemId}"`,
  );
  return `Pending: ${list.join(', ')}.`;
}
