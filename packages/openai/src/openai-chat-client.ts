import {
  type ChatClient,
  type ChatOptions,
  type ChatResponseUpdate,
  ConfigurationError,
  type Message,
  type ModelOptions,
} from '@colloquy/core';
import { ChatReader } from './chat-completions/chat-reader.ts';
import { type ChatDialect, chatRequest } from './chat-completions/chat-request.ts';
import { type ConnectionOptions, createSdk, isOpenAIHost } from './connection/create-sdk.ts';
import { type OpenAISdk } from './connection/openai-sdk.ts';
import { assertResponsesOptions, responsesRequest } from './responses/responses-request.ts';
import { ResponsesReader } from './responses/responses-reader.ts';
import { type AnsweredRequest, type ModelRequest } from './wire/model-request.ts';
import { omitUndefined } from './wire/omit-undefined.ts';
import { readStream, type StreamCall } from './wire/read-stream.ts';

/** Settings of the model for every request of a client; those of a request come first. */
export type ModelDefaults = Omit<ModelOptions, 'model'>;

interface CommonOptions {
  readonly model: string;
  readonly modelOptions?: ModelDefaults;
  /** Makes ids for tool calls that the server gave none; default: random ones. */
  readonly createCallId?: () => string;
}

type ApiChoice =
  | {
      /** Chat Completions, which every compatible server has. */
      readonly api?: 'chat';
      /** Overrides what the base URL suggests about the server. */
      readonly dialect?: Partial<ChatDialect>;
    }
  | {
      /** The Responses API. */
      readonly api: 'responses';
      readonly dialect?: never;
    };

type Connection =
  | (ConnectionOptions & { readonly client?: never })
  | ({
      /** An instance of the SDK, used as it is. */
      readonly client: OpenAISdk;
    } & { readonly [TKey in keyof ConnectionOptions]?: never });

/** What an `OpenAIChatClient` is made from: a model, which API, and either how to connect or a client of the SDK. */
export type OpenAIChatClientOptions = CommonOptions & ApiChoice & Connection;

/**
 * Talks to OpenAI, and to every server that speaks its Chat Completions or Responses API, through the official SDK.
 *
 * An answer streams as it comes: text, reasoning, pieces of tool calls; the last update carries the finish reason and
 * the usage. A refusal ends an answer with the finish reason `content_filter` and an `error` content of the code
 * `refusal`. The SDK sends failed requests again as `maxRetries` and `Retry-After` say, until the answer has begun.
 *
 * Structured output is strict where the schema has a strict form (see `toOutputSchema`); tools are not.
 */
export class OpenAIChatClient implements ChatClient {
  readonly model: string;
  readonly #sdk: OpenAISdk;
  readonly #settings: ClientSettings;
  readonly #createCall: CreateCall;

  /**
   * @throws {ChatClientError} `chat-client/missing-api-key` without a key for OpenAI's own service;
   * `chat-client/invalid-request` when `modelOptions` has an option that the API does not.
   * @throws {ConfigurationError} `openai/missing-model`, `openai/invalid-base-url`.
   */
  constructor(options: OpenAIChatClientOptions) {
    assertModel(options.model);
    this.model = options.model;
    const defaults = options.modelOptions ?? {};
    this.#settings = { defaults, createCallId: options.createCallId ?? randomCallId };
    this.#sdk = options.client ?? createSdk(options);
    if (options.api === 'responses') {
      assertResponsesOptions(defaults);
      this.#createCall = responsesCall;
    } else {
      const dialect = { ...dialectOf(this.#sdk), ...omitUndefined(options.dialect ?? {}) };
      this.#createCall = (sdk, messages, request) => chatCall(sdk, messages, request, dialect);
    }
  }

  /**
   * Sends one request when it is iterated, and yields the answer; leaving the iteration closes the response.
   *
   * Rejects with the reason of `options.signal` when that aborts; `options.sessionId` is not sent.
   *
   * @throws {ChatClientError} as its `code` says. An answer that ends without a finish reason is
   * `chat-client/interrupted`, from every server: it cannot be told from one that was cut.
   */
  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatResponseUpdate, void> {
    options.signal?.throwIfAborted();
    const request = requestOf(this.model, options, this.#settings);
    yield* readStream(this.#createCall(this.#sdk, messages, request));
  }
}

/** What every request of a client is made with. */
interface ClientSettings {
  readonly defaults: ModelDefaults;
  readonly createCallId: () => string;
}

function randomCallId(): string {
  return `call_${crypto.randomUUID()}`;
}

type CreateCall = (
  sdk: OpenAISdk,
  messages: readonly Message[],
  request: AnsweredRequest,
) => StreamCall;

function chatCall(
  sdk: OpenAISdk,
  messages: readonly Message[],
  request: AnsweredRequest,
  dialect: ChatDialect,
): StreamCall {
  const body = chatRequest(messages, request, dialect);
  const { signal } = request;
  return {
    target: targetOf(sdk, request),
    open: () => sdk.chat.completions.create(body, { signal }).withResponse(),
    createReader: (site) => new ChatReader(site, request.createCallId),
    signal,
  };
}

function responsesCall(
  sdk: OpenAISdk,
  messages: readonly Message[],
  request: AnsweredRequest,
): StreamCall {
  const body = responsesRequest(messages, request);
  const { signal } = request;
  return {
    target: targetOf(sdk, request),
    open: () => sdk.responses.create(body, { signal }).withResponse(),
    createReader: (site) => new ResponsesReader(site, request.createCallId),
    signal,
  };
}

function requestOf(
  model: string,
  options: ChatOptions,
  { defaults, createCallId }: ClientSettings,
): AnsweredRequest {
  const extra = { ...defaults.extra, ...options.extra };
  return { model, ...defaults, ...omitUndefined(options), extra, createCallId };
}

function targetOf(sdk: OpenAISdk, request: ModelRequest): string {
  return `"${request.model}" at ${sdk.baseURL}`;
}

/** Other servers read the older name of the token limit; some ignore the newer one without a word. */
function dialectOf(sdk: OpenAISdk): ChatDialect {
  const maxTokensField = isOpenAIHost(sdk.baseURL) ? 'max_completion_tokens' : 'max_tokens';
  return { maxTokensField, includeUsage: true, outputFormat: 'json_schema' };
}

function assertModel(model: string): void {
  if (typeof model === 'string' && model.trim() !== '') return;
  throw new ConfigurationError(
    `Expected the name of a model, got ${JSON.stringify(model)}. Pass { model: 'gpt-5-mini' } or another.`,
    { code: 'openai/missing-model' },
  );
}
