import { type ChatClient } from '@colloquy/core';

import { FakeOpenAIServer, type WireRecord } from './fake-openai/fake-server.ts';
import { faulty, type FaultyChatClient, type FaultyOptions } from './faults/faulty.ts';
import { type RecordedRequest } from './recorded-request.ts';
import { type ScriptEntry } from './script-entry.ts';
import { scripted, ScriptedChatClient } from './scripted.ts';

/** A service on this machine that speaks as OpenAI's does; made by `fakeOpenAI`. */
export interface FakeOpenAI extends AsyncDisposable {
  /** For `new OpenAI({ baseURL, apiKey: 'any' })`, and for `OpenAIChatClient`. */
  readonly baseURL: string;
  /** What came over the wire, in order. */
  readonly wire: readonly WireRecord[];
  /** What the script was asked, in the library's words; empty where another client answers. */
  readonly requests: readonly RecordedRequest[];
  /** The faults that were done; empty where there are to be none. */
  readonly injected: FaultyChatClient['injected'];
  /** Breaks every connection off, and resolves when nothing is left. */
  close(): Promise<void>;
}

/**
 * Starts a service that speaks Chat Completions and Responses over HTTP, streamed or not, and answers from a script,
 * or as a chat client does.
 *
 * It listens on a free port of 127.0.0.1, until it is closed. A fault of the connection is one on the wire: a rate
 * limit comes as a 429 with `Retry-After`, a cut stream breaks the connection, and a timeout never answers.
 */
export async function fakeOpenAI(
  script: readonly ScriptEntry[] | ChatClient,
  faults?: FaultyOptions,
): Promise<FakeOpenAI> {
  const client = 'stream' in script ? script : scripted(script);
  // A timeout takes as long as the caller waits.
  const failing = faults === undefined ? undefined : faulty(client, { delayMs: 0, ...faults });
  const server = new FakeOpenAIServer(failing ?? client);
  const baseURL = await server.listen();
  const close = (): Promise<void> => server.close();
  return {
    baseURL,
    wire: server.requests,
    requests: client instanceof ScriptedChatClient ? client.requests : [],
    get injected() {
      return failing?.injected ?? [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
