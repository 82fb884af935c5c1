import {
  InvalidResponseError,
  StaleRequestError,
  UnknownRequestError,
} from '../errors/request-errors.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type Executor } from '../graph/executor.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { describeIssues } from '../schema/standard-schema.ts';
import { validateSync } from '../schema/tagged.ts';
import { isMadeUp } from './request-id.ts';

/** The requests of a conversation. */
export interface RequestLog {
  /** Those that wait, by id, in the order in which they were asked. */
  readonly pending: ReadonlyMap<string, PendingRequest>;
  /** The ids of those that were answered. */
  readonly answered: ReadonlySet<string>;
}

/** A request with its validated answer. */
export interface AcceptedAnswer {
  readonly request: PendingRequest;
  readonly answer: unknown;
}

/**
 * Validates all answers before any is taken; in the order in which the requests were asked.
 *
 * @param responses - By request id.
 * @throws {UnknownRequestError} for an id that was never asked.
 * @throws {StaleRequestError} for one that was answered, or belongs to another conversation or branch.
 * @throws {InvalidResponseError} when there is no answer, or one does not fit its request's schema.
 */
export function acceptAnswers(
  log: RequestLog,
  executors: ReadonlyMap<string, Executor>,
  responses: unknown,
): AcceptedAnswer[] {
  const answers = readResponses(responses);
  for (const id of Object.keys(answers)) assertPending(log, id);
  const problems: string[] = [];
  const refused: string[] = [];
  const accepted = [...log.pending.values()].flatMap((request) => {
    if (!Object.hasOwn(answers, request.id)) return [];
    const result = validateAnswer(request, executors, answers[request.id]);
    if ('answer' in result) return [{ request, answer: result.answer }];
    refused.push(request.id);
    problems.push(result.problem);
    return [];
  });
  if (problems.length === 0) return accepted;
  throw new InvalidResponseError(
    `Expected answers that fit their requests, got ${problems.join('; ')}. No answer was taken. request.responseSchema says what fits.`,
    refused,
  );
}

function readResponses(responses: unknown): Record<string, unknown> {
  if (isRecord(responses) && Object.keys(responses).length > 0) return responses;
  throw new InvalidResponseError(
    `Expected responses to be a non-empty object { [requestId]: answer }, got ${describeValue(responses)}. Leave responses out to go on without an answer.`,
    [],
  );
}

function assertPending({ pending, answered }: RequestLog, id: string): void {
  if (pending.has(id)) return;
  const ids = [...pending.keys()];
  throw answered.has(id) || isMadeUp(id)
    ? new StaleRequestError(id, ids)
    : new UnknownRequestError(id, ids);
}

/** Validates one answer. */
export function validateAnswer(
  request: PendingRequest,
  executors: ReadonlyMap<string, Executor>,
  answer: unknown,
): { readonly answer: unknown } | { readonly problem: string } {
  const handler = executors.get(request.executorId)?.findResponseHandler(request);
  if (handler === undefined)
    return { problem: `"${request.id}": executor "${request.executorId}" handles no such answer` };
  const { response, tag } = handler.requestType;
  const result = validateSync(response, answer, `an answer to "${tag}"`);
  if (result.issues === undefined) return { answer: result.value };
  return {
    problem: `"${request.id}" (${tag}): ${describeIssues(result.issues)}, in ${describeValue(answer)}`,
  };
}
