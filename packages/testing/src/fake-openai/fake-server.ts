import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

import { type ChatClient, type ChatResponseUpdate } from '@colloquy/core';

import { Answer } from './answer.ts';
import { chatFormat } from './chat-format.ts';
import { isRecord } from './json-fields.ts';
import { readChatRequest, readResponsesRequest, type WireRequest } from './read-request.ts';
import { ResponsesFormat } from './responses-format.ts';
import { wireFailureOf } from './wire-error.ts';
import { type AnswerNames, type WireFormat } from './wire-format.ts';

/** A request as it came over the wire. */
export interface WireRecord {
  readonly method: string;
  /** Such as `/v1/responses`. */
  readonly path: string;
  /** Names in lower case; of the key only that there is one. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; `undefined` where there is none. */
  readonly body: unknown;
}

interface Route {
  readonly read: (body: Record<string, unknown>) => WireRequest;
  readonly formatOf: (names: AnswerNames, request: WireRequest) => WireFormat;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/v1/chat/completions': { read: readChatRequest, formatOf: chatFormat },
  '/v1/responses': { read: readResponsesRequest, formatOf: (names) => new ResponsesFormat(names) },
};

/**
 * A service that speaks Chat Completions and Responses, on a port of this machine only, and answers as a chat client
 * does.
 *
 * Owns the server and its connections.
 */
export class FakeOpenAIServer {
  /** What was asked, in the order in which it came. */
  readonly requests: WireRecord[] = [];
  readonly #client: ChatClient;
  readonly #server: Server;
  #answers = 0;

  constructor(client: ChatClient) {
    this.#client = client;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Resolves with the base URL once requests are taken. */
  async listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    // It listens on a port, not on a pipe.
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1`;
  }

  /** Breaks every connection off, and resolves when nothing is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const path = new URL(url, 'http://127.0.0.1').pathname;
    const body = tryParse(await textOf(request));
    this.requests.push({ method, path, headers: headersOf(request), body });
    const route = method === 'POST' ? ROUTES[path] : undefined;
    if (route === undefined || !isRecord(body)) {
      const known = Object.keys(ROUTES).join(', ');
      const message = `Expected a POST of JSON to one of ${known}, got ${method} ${path}.`;
      sendJson(response, route === undefined ? 404 : 400, {
        error: { message, type: 'invalid_request_error', code: null, param: null },
      });
      return;
    }
    await this.#answer(route, route.read(body), response);
  }

  async #answer(route: Route, request: WireRequest, response: ServerResponse): Promise<void> {
    this.#answers += 1;
    const format = route.formatOf({ number: this.#answers, model: request.model }, request);
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('The caller has gone.')));
    const { messages, options } = request;
    const updates = this.#client.stream(messages, { ...options, signal: gone.signal });
    try {
      if (request.isStream) await sendStream(response, format, updates);
      else await sendWhole(response, format, updates);
    } catch (error) {
      if (!gone.signal.aborted) fail(response, error);
    }
  }
}

/** Nothing is sent before the first update: a service that fails at once answers with a status. */
async function sendStream(
  response: ServerResponse,
  format: WireFormat,
  updates: AsyncIterable<ChatResponseUpdate>,
): Promise<void> {
  const answer = new Answer();
  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    send(response, format.begin());
  };
  for await (const update of updates) {
    begin();
    for (const part of answer.add(update)) send(response, format.of(part));
  }
  begin();
  send(response, format.end(answer));
  response.end(format.terminator);
}

async function sendWhole(
  response: ServerResponse,
  format: WireFormat,
  updates: AsyncIterable<ChatResponseUpdate>,
): Promise<void> {
  const answer = new Answer();
  for await (const update of updates) answer.add(update);
  sendJson(response, 200, format.whole(answer));
}

function fail(response: ServerResponse, error: unknown): void {
  const failure = wireFailureOf(error);
  if (failure.kind === 'never') return;
  // What was written before must arrive: a connection that breaks later is another fault.
  if (failure.kind === 'cut' || response.headersSent) setImmediate(() => response.destroy());
  else sendJson(response, failure.status, failure.body, failure.headers);
}

function send(response: ServerResponse, events: readonly object[]): void {
  for (const event of events) {
    const type: unknown = Reflect.get(event, 'type');
    const name = typeof type === 'string' ? `event: ${type}\n` : '';
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    name === 'authorization' ? '[redacted]' : String(value),
  ]);
  return Object.fromEntries(entries);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
