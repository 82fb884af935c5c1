import { type Message, type ModelOptions, type ToolSpec } from '@colloquy/core';
import { type OpenAI } from 'openai';
import { type ModelRequest } from '../wire/model-request.ts';
import { omitUndefined } from '../wire/omit-undefined.ts';
import { toOutputSchema } from '../wire/output-schema.ts';
import { type ToolChoice, toolFields } from '../wire/tool-fields.ts';
import { requestError } from '../wire/request-error.ts';
import { toResponsesInput } from './responses-input.ts';

type ResponsesBody = OpenAI.Responses.ResponseCreateParamsStreaming;

/**
 * Builds the body of a Responses request. It relies on nothing that the server keeps: the whole conversation is sent.
 *
 * @throws {ChatClientError} `chat-client/invalid-request` for a content or an option that the API does not have.
 */
export function responsesRequest(
  messages: readonly Message[],
  request: ModelRequest,
): ResponsesBody {
  assertResponsesOptions(request);
  const tools = request.tools ?? [];
  const { output, reasoningEffort } = request;
  return {
    model: request.model,
    input: toResponsesInput(messages),
    ...omitUndefined({
      instructions: request.instructions,
      temperature: request.temperature,
      top_p: request.topP,
      max_output_tokens: request.maxOutputTokens,
    }),
    ...(reasoningEffort === undefined ? {} : { reasoning: { effort: reasoningEffort } }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toResponsesTool) }),
    ...toolFields(request, toToolChoice),
    ...(output === undefined
      ? {}
      : { text: { format: { type: 'json_schema' as const, ...toOutputSchema(output) } } }),
    ...request.extra,
    stream: true,
  };
}

/**
 * Refuses the options that the Responses API does not have, rather than ignore them.
 *
 * @throws {ChatClientError} `chat-client/invalid-request` naming each of them.
 */
export function assertResponsesOptions({ stop, seed }: ModelOptions): void {
  const names = [...(stop === undefined ? [] : ['stop']), ...(seed === undefined ? [] : ['seed'])];
  if (names.length === 0) return;
  throw requestError(
    `Expected options that the Responses API has, got ${names.join(' and ')}. ` +
      `Leave them out, or use a client with api: 'chat'.`,
  );
}

function toToolChoice(choice: ToolChoice): NonNullable<ResponsesBody['tool_choice']> {
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name };
}

/** Strict is said to be off, because this API, unlike Chat Completions, turns it on by itself. */
function toResponsesTool(tool: ToolSpec): OpenAI.Responses.FunctionTool {
  const { name, description, parameters } = tool;
  return { type: 'function', name, description, parameters: { ...parameters }, strict: false };
}
