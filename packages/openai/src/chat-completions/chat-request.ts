import { textMessage, type Message, type OutputSpec, type ToolSpec } from '@colloquy/core';
import { type OpenAI } from 'openai';
import { type ModelRequest } from '../wire/model-request.ts';
import { omitUndefined } from '../wire/omit-undefined.ts';
import { toOutputSchema } from '../wire/output-schema.ts';
import { type ToolChoice, toolFields } from '../wire/tool-fields.ts';
import { toChatMessages } from './chat-messages.ts';

type ChatBody = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

/** Where servers that speak Chat Completions differ. */
export interface ChatDialect {
  /** The field that limits the answer's length. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** Whether to ask for token counts (`stream_options`). */
  readonly includeUsage: boolean;
  /** How to ask for JSON: by schema, or, for servers without that, by `json_object` with the schema in the prompt. */
  readonly outputFormat: 'json_schema' | 'json_object';
}

/**
 * Builds the body of a Chat Completions request.
 *
 * @throws {ChatClientError} `chat-client/invalid-request` for a content that the API cannot carry.
 */
export function chatRequest(
  messages: readonly Message[],
  request: ModelRequest,
  dialect: ChatDialect,
): ChatBody {
  const tools = request.tools ?? [];
  const prompts = systemPrompts(request, dialect);
  return {
    model: request.model,
    messages: toChatMessages([...prompts, ...messages]),
    ...samplingFields(request, dialect),
    ...(tools.length === 0 ? {} : { tools: tools.map(toChatTool) }),
    ...toolFields(request, toToolChoice),
    ...(request.output === undefined ? {} : { response_format: toFormat(request.output, dialect) }),
    ...(dialect.includeUsage ? { stream_options: { include_usage: true } } : {}),
    ...request.extra,
    stream: true,
  };
}

function systemPrompts({ instructions, output }: ModelRequest, dialect: ChatDialect): Message[] {
  const prompts = instructions === undefined ? [] : [textMessage('system', instructions)];
  if (output !== undefined && dialect.outputFormat === 'json_object') {
    const schema = JSON.stringify(output.schema);
    prompts.push(
      textMessage('system', `Answer with one JSON object that fits this JSON Schema: ${schema}`),
    );
  }
  return prompts;
}

function samplingFields(request: ModelRequest, dialect: ChatDialect) {
  return omitUndefined({
    temperature: request.temperature,
    top_p: request.topP,
    [dialect.maxTokensField]: request.maxOutputTokens,
    stop: request.stop === undefined ? undefined : [...request.stop],
    seed: request.seed,
    reasoning_effort: request.reasoningEffort,
  });
}

function toToolChoice(choice: ToolChoice): OpenAI.Chat.Completions.ChatCompletionToolChoiceOption {
  return typeof choice === 'string'
    ? choice
    : { type: 'function', function: { name: choice.name } };
}

function toChatTool(tool: ToolSpec): OpenAI.Chat.Completions.ChatCompletionTool {
  const { name, description, parameters } = tool;
  return { type: 'function', function: { name, description, parameters: { ...parameters } } };
}

function toFormat(
  output: OutputSpec,
  dialect: ChatDialect,
): NonNullable<ChatBody['response_format']> {
  if (dialect.outputFormat === 'json_object') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: toOutputSchema(output) };
}
