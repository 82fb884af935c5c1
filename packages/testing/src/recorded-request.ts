import {
  type ChatOptions,
  type Message,
  type ModelOptions,
  type OutputSpec,
  textOf,
  type ToolSpec,
} from '@colloquy/core';

/** One request that a model got, as plain data. */
export interface RecordedRequest {
  readonly messages: readonly Message[];
  readonly instructions: string | undefined;
  readonly tools: readonly ToolSpec[];
  readonly output: OutputSpec | undefined;
  /** The settings of the model. */
  readonly options: ModelOptions;
  readonly sessionId: string | undefined;
}

/** Copies a request, so that what happens later does not change the record. */
export function recordRequest(messages: readonly Message[], options: ChatOptions): RecordedRequest {
  const {
    instructions,
    tools = [],
    output,
    sessionId,
    signal: _signal,
    agentName: _agentName,
    runPath: _runPath,
    ...modelOptions
  } = options;
  return structuredClone({
    messages,
    instructions,
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    output,
    options: modelOptions,
    sessionId,
  });
}

/** The text of a request's last message, which says best what it was about. */
export function lastTextOf({ messages }: RecordedRequest): string {
  const last = messages.at(-1);
  return last === undefined ? '' : textOf(last);
}
