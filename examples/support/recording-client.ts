import {
  type ChatClient,
  type ChatOptions,
  type ChatResponseUpdate,
  type Message,
} from '@colloquy/core';

/** Passes everything on to another client and keeps what was sent, so that a demo can show it. */
export class RecordingClient implements ChatClient {
  readonly requests: (readonly Message[])[] = [];
  readonly #client: ChatClient;

  constructor(client: ChatClient) {
    this.#client = client;
  }

  stream(messages: readonly Message[], options?: ChatOptions): AsyncIterable<ChatResponseUpdate> {
    this.requests.push(messages);
    return this.#client.stream(messages, options);
  }
}
