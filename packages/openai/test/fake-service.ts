import { http } from 'msw/http';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { type ChatResponseUpdate } from '@colloquy/core';

/** One request as the service received it. */
export interface ReceivedRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
}

type Answer = Response | (() => Response | Promise<Response>);

/** A model service at the other end of the wire: answers in the given order, and keeps what it was asked. */
export class FakeService {
  readonly requests: ReceivedRequest[] = [];
  readonly #answers: Answer[] = [];

  /** Queues answers, one for each request to come. */
  answer(...answers: Answer[]): void {
    this.#answers.push(...answers);
  }

  /** The bodies of all requests, in order. */
  get bodies(): unknown[] {
    return this.requests.map((request) => request.body);
  }

  async respond(request: Request): Promise<Response> {
    const body: unknown = await request.json();
    this.requests.push({ url: request.url, headers: request.headers, body });
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error('The test queued fewer answers than requests.');
    return typeof answer === 'function' ? answer() : answer;
  }

  reset(): void {
    this.requests.length = 0;
    this.#answers.length = 0;
  }
}

/** Stands in for every service during the tests of a file; nothing comes from the network or the environment. */
export function useFakeService(): FakeService {
  hideEnvironment();
  const service = new FakeService();
  const server = setupServer(
    http.post('*/chat/completions', ({ request }) => service.respond(request)),
    http.post('*/responses', ({ request }) => service.respond(request)),
  );
  beforeAll(() => {
    server.listen({ onUnhandledFrame: 'error' });
  });
  beforeEach(hideEnvironment);
  afterEach(() => {
    vi.unstubAllEnvs();
    service.reset();
  });
  afterAll(() => {
    server.close();
  });
  return service;
}

function hideEnvironment(): void {
  vi.stubEnv('OPENAI_API_KEY', undefined);
  vi.stubEnv('OPENAI_BASE_URL', undefined);
}

const EVENT_STREAM = { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' };

/** An answer that streams these events and ends as the API does. */
export function sse(...events: readonly unknown[]): Response {
  return new Response(`${framesOf(events)}data: [DONE]\n\n`, { headers: EVENT_STREAM });
}

/** An answer with exactly this body. */
export function rawSse(body: string): Response {
  return new Response(body, { headers: EVENT_STREAM });
}

/** An answer that just ends after these events. */
export function cutSse(...events: readonly unknown[]): Response {
  return rawSse(framesOf(events));
}

/** An answer that sends these events and stays open. */
export interface OpenAnswer {
  readonly response: Response;
  /** Breaks the connection. */
  readonly break: () => boolean;
  /** Resolves when the client hangs up. */
  readonly closed: Promise<void>;
}

/**
 * An answer that sends these events and then nothing, until the connection breaks or the client hangs up.
 *
 * For the `fetch` option of a client: msw ends a body quietly where a connection would fail.
 */
export function openSse(...events: readonly unknown[]): OpenAnswer {
  const connection = new EventTarget();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(framesOf(events)));
      connection.addEventListener('break', () => {
        controller.error(new Error('socket hang up'));
      });
    },
    cancel() {
      connection.dispatchEvent(new Event('close'));
    },
  });
  return {
    response: new Response(body, { headers: EVENT_STREAM }),
    break: () => connection.dispatchEvent(new Event('break')),
    closed: new Promise((resolve) => {
      connection.addEventListener('close', () => {
        resolve();
      });
    }),
  };
}

/** A refused request, with the service's error body. */
export function failure(
  status: number,
  error: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ error }, { status, headers: { 'x-request-id': 'req_1', ...headers } });
}

/** All updates of a stream. */
export async function collect(
  stream: AsyncIterable<ChatResponseUpdate>,
): Promise<ChatResponseUpdate[]> {
  const updates: ChatResponseUpdate[] = [];
  for await (const update of stream) updates.push(update);
  return updates;
}

/** What a stream rejects with; fails when it does not. */
export async function rejectionOf(stream: AsyncIterable<ChatResponseUpdate>): Promise<unknown> {
  try {
    await collect(stream);
  } catch (error) {
    return error;
  }
  throw new Error('Expected the stream to reject, but it ended.');
}

function framesOf(events: readonly unknown[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}
