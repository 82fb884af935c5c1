import { type OpenAI } from 'openai';

/** An answer of the SDK whose headers are there and whose events are to come. */
export interface OpenedStream {
  readonly data: AsyncIterable<unknown> & { readonly controller: AbortController };
  readonly response: { readonly headers: { get(name: string): string | null } };
  readonly request_id: string | null;
}

interface PendingStream {
  withResponse(): Promise<OpenedStream>;
}

interface SendOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is used of an `OpenAI` instance; any client of the SDK fits, such as `AzureOpenAI` or one from another copy.
 */
export interface OpenAISdk {
  readonly baseURL: string;
  readonly chat: {
    readonly completions: {
      create(
        body: OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming,
        options?: SendOptions,
      ): PendingStream;
    };
  };
  readonly responses: {
    create(
      body: OpenAI.Responses.ResponseCreateParamsStreaming,
      options?: SendOptions,
    ): PendingStream;
  };
}
