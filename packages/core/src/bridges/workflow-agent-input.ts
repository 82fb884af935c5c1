import { ConfigurationError } from '../errors/configuration-error.ts';
import { findHandler } from '../graph/handler.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Content } from '../messages/content.ts';
import { type Message, textOfAll } from '../messages/message.ts';

/** What an agent that is a workflow was given, sorted. */
export interface SortedInput {
  /** Answers by request id. */
  readonly responses: Readonly<Record<string, unknown>>;
  /** Everything else, for the workflow's start. */
  readonly messages: readonly Message[];
}

/**
 * Tells answers to requests from what is said.
 *
 * An approval response is an answer, and so is a function result whose call is not in the same input.
 *
 * @throws {ConfigurationError} `agent/failed-answer` for a result that is an error.
 */
export function sortInput(input: readonly Message[]): SortedInput {
  const calls = new Set(
    input.flatMap(({ contents }) =>
      contents.flatMap((content) => (content.type === 'function_call' ? content.callId : [])),
    ),
  );
  const responses: Record<string, unknown> = {};
  const messages = input.flatMap((message) => {
    const said = message.contents.filter((content) => !takeAnswer(content, calls, responses));
    if (said.length === message.contents.length) return [message];
    return said.length === 0 ? [] : [{ ...message, contents: said }];
  });
  return { responses, messages };
}

/** Notes an answer; says whether the content is one. */
function takeAnswer(
  content: Content,
  calls: ReadonlySet<string>,
  responses: Record<string, unknown>,
): boolean {
  if (content.type === 'function_approval_response') {
    const { id, approved, reason } = content;
    responses[id] = { approve: approved, ...(reason === undefined ? {} : { reason }) };
    return true;
  }
  if (content.type !== 'function_result' || calls.has(content.callId)) return false;
  if (content.error !== undefined) {
    throw new ConfigurationError(
      `Expected a result as the answer to request "${content.callId}", got the error "${content.error}". Answer as the request's schema says.`,
      { code: 'agent/failed-answer' },
    );
  }
  responses[content.callId] = content.result;
  return true;
}

/** What a workflow's start executor takes of what was said: the messages, the only message, or their text. */
export function startInputOf(graph: WorkflowGraph, messages: readonly Message[]): unknown {
  const handlers = graph.executors.get(graph.startId)?.handlers ?? [];
  const [first, ...others] = messages;
  const candidates = [
    messages,
    ...(first !== undefined && others.length === 0 ? [first] : []),
    textOfAll(messages),
  ];
  // Where nothing fits, the workflow says what it takes.
  return candidates.find((each) => findHandler(handlers, each) !== undefined) ?? messages;
}
