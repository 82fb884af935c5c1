import { ColloquyError } from '../errors/colloquy-error.ts';
import { type Content } from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { describeValue } from '../primitives/json.ts';
import { TOOL_NAME } from '../tools/tool-name.ts';
import { isPlainText } from './plain-text.ts';

/** One thing in a conversation that no model may be sent. */
export interface TranscriptProblem {
  /** The message's place in the conversation. */
  readonly index: number;
  /** What has to hold there. */
  readonly expected: string;
}

/** A conversation cannot be sent to a model, and mending it would be guessing. */
export class TranscriptError extends ColloquyError {
  static override readonly errorName: string = 'TranscriptError';

  readonly problems: readonly TranscriptProblem[];

  constructor(
    agentName: string,
    messages: readonly Message[],
    problems: readonly TranscriptProblem[],
  ) {
    super(
      `The conversation of agent "${agentName}" cannot be sent to a model:\n${diffOf(messages, problems)}\nMend the input or the session that brings these messages.`,
      { code: 'chat/invalid-transcript' },
    );
    this.problems = problems;
  }
}

/** @throws {TranscriptError} with every problem at once. */
export function assertTranscript(agentName: string, messages: readonly Message[]): void {
  const problems = lintTranscript(messages);
  if (problems.length > 0) throw new TranscriptError(agentName, messages, problems);
}

/**
 * What is wrong with a conversation that is about to be sent to a model.
 *
 * Rules:
 * - every call has exactly one result, in the message right behind, and every result its call there;
 * - only assistants call, only tools answer, and tools say nothing else;
 * - no message and no content is empty;
 * - authors, calls and tools have names, and calls ids of their own.
 */
export function lintTranscript(messages: readonly Message[]): TranscriptProblem[] {
  return messages.flatMap((message, index) =>
    isPlainText(message)
      ? NO_PROBLEMS
      : [
          ...problemsOfRole(message),
          ...problemsOfContents(message),
          ...problemsOfPairs(message, messages[index + 1]),
          ...problemsOfPlace(message, messages[index - 1]),
        ].map((expected) => ({ index, expected })),
  );
}

const NO_PROBLEMS: readonly TranscriptProblem[] = [];

function problemsOfRole({ role, contents, authorName }: Message): string[] {
  const problems: string[] = [];
  const isCalling = contents.some(({ type }) => type === 'function_call');
  if (isCalling && role !== 'assistant') problems.push('calls only in messages of the assistant');
  const answers = contents.filter(({ type }) => type === 'function_result').length;
  if (role === 'tool' && answers < contents.length)
    problems.push('results and nothing else in a message of a tool');
  if (role !== 'tool' && answers > 0) problems.push('results only in messages of a tool');
  if (authorName === '') problems.push('an author with a name, or none');
  return problems;
}

function problemsOfContents({ contents }: Message): string[] {
  if (contents.length === 0) return ['a message that says something'];
  return [...new Set(contents.flatMap((content) => problemOf(content) ?? []))];
}

/** What has to be filled in, by the type of content; what is not listed is not for models. */
const REQUIRED: Partial<Record<Content['type'], readonly string[]>> = {
  text: ['text'],
  reasoning: [],
  data: ['data', 'mediaType'],
  uri: ['uri'],
  function_call: ['callId', 'name'],
  function_result: ['callId'],
};

function problemOf(content: Content): string | undefined {
  const required = REQUIRED[content.type];
  if (required === undefined) return `nothing that is not for models, as ${content.type}`;
  const empty = required.filter((field) => !isFilled(Reflect.get(content, field)));
  if (empty.length > 0) return `a ${content.type} whose ${empty.join(' and ')} is not empty`;
  if (content.type === 'reasoning' && content.protected === undefined && !isFilled(content.text))
    return 'a reasoning whose text is not empty';
  const isCall = content.type === 'function_call';
  return isCall && !TOOL_NAME.test(content.name)
    ? 'a call whose name has 1 to 64 letters, digits, _ and -'
    : undefined;
}

/** Conversations come from outside too, so that a field may hold anything. */
function isFilled(text: unknown): boolean {
  return typeof text === 'string' && text !== '';
}

function problemsOfPairs(message: Message, next: Message | undefined): string[] {
  const calls = idsIn(message, 'function_call');
  if (calls.length === 0) return [];
  if (new Set(calls).size < calls.length) return ['calls with ids of their own'];
  const answered = next?.role === 'tool' ? idsIn(next, 'function_result') : [];
  const isPaired =
    answered.length === calls.length && calls.every((callId) => answered.includes(callId));
  return isPaired ? [] : [`exactly one result of ${calls.join(' and ')} in the next message`];
}

function problemsOfPlace(message: Message, before: Message | undefined): string[] {
  if (message.role !== 'tool') return [];
  const isBehindCalls = before !== undefined && idsIn(before, 'function_call').length > 0;
  return isBehindCalls ? [] : ['results only right behind the message that calls'];
}

function idsIn({ contents }: Message, type: 'function_call' | 'function_result'): string[] {
  return contents.flatMap((content) =>
    content.type === type && 'callId' in content ? [content.callId] : [],
  );
}

/** The messages in question and those beside them, as a diff: what is there, and what has to be. */
function diffOf(messages: readonly Message[], problems: readonly TranscriptProblem[]): string {
  const lines = messages.flatMap((message, index) => {
    const wrong = problems.filter((problem) => problem.index === index);
    const isNear = problems.some((problem) => Math.abs(problem.index - index) === 1);
    const line = `messages[${index}] ${describeMessage(message)}`;
    if (wrong.length > 0) return [`- ${line}`, ...wrong.map(({ expected }) => `+ ${expected}`)];
    return isNear ? [`  ${line}`] : [];
  });
  return lines.join('\n');
}

function describeMessage({ role, contents, authorName }: Message): string {
  const author = authorName === undefined ? '' : ` (${authorName})`;
  return `${role}${author}: ${contents.map(describeContent).join(', ') || 'nothing'}`;
}

function describeContent(content: Content): string {
  switch (content.type) {
    case 'text':
      return describeValue(content.text, 40);
    case 'function_call':
      return `calls ${content.name} [${content.callId}]`;
    case 'function_result':
      return `result of [${content.callId}]`;
    default:
      return content.type;
  }
}
