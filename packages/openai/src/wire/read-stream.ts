import { type ChatResponseUpdate } from '@colloquy/core';
import { type OpenedStream } from '../connection/openai-sdk.ts';
import { type FailureSite, toChatClientError } from './sdk-error.ts';
import { responseError } from './stream-error.ts';

/** Folds the events of one answer into updates; makes no assumption on what the server leaves out. */
export interface EventReader {
  /** The updates that one event adds. */
  read(event: unknown): ChatResponseUpdate[];
  /** The last update, with usage and finish reason. @throws {ChatClientError} when the answer is not complete. */
  end(): ChatResponseUpdate;
}

/** How to send a request and understand its answer. */
export interface StreamCall {
  readonly target: string;
  readonly open: () => Promise<OpenedStream>;
  readonly createReader: (site: FailureSite) => EventReader;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends one request and yields what its answer says.
 *
 * R1: with an aborted signal nothing is sent, and an abort later rejects with the signal's reason. The SDK ends its
 * iteration without an error then, so the signal is asked whenever the iteration is over.
 * R2: a consumer that stops early closes the HTTP response: leaving the loop runs the SDK's own cleanup.
 * R3: whatever else fails is a `ChatClientError`.
 */
export async function* readStream(call: StreamCall): AsyncGenerator<ChatResponseUpdate, void> {
  const { target, signal } = call;
  signal?.throwIfAborted();
  let site: FailureSite = { target, requestId: undefined, streaming: false };
  try {
    const opened = await call.open();
    site = { target, requestId: opened.request_id ?? undefined, streaming: true };
    assertEventStream(opened, site);
    const reader = call.createReader(site);
    for await (const event of opened.data) yield* reader.read(event);
    signal?.throwIfAborted();
    yield reader.end();
  } catch (error) {
    signal?.throwIfAborted();
    throw toChatClientError(error, site);
  }
}

/** A server that does not stream, or a page in place of an API, would read as a stream without events. */
function assertEventStream({ data, response }: OpenedStream, site: FailureSite): void {
  const contentType = response.headers.get('content-type') ?? '';
  if (!/^(?:application\/json|text\/html)/i.test(contentType)) return;
  data.controller.abort();
  throw responseError(
    `Expected an event stream from ${site.target}, got ${contentType}. ` +
      `Check that the base URL is that of the API, usually ending in /v1, and that the server can stream.`,
    { requestId: site.requestId, retryable: false },
  );
}
