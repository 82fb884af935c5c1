import { AsyncLocalStorage } from 'node:async_hooks';

import { type ChatClient, type Message } from '@colloquy/core';

import { type RecordedRequest, recordRequest } from './recorded-request.ts';

/** One request as it reached a model. */
export interface WatchedRequest {
  readonly client: ChatClient;
  /** The very objects that the model was given. */
  readonly messages: readonly Message[];
  /** A copy of the request. */
  readonly request: RecordedRequest;
  readonly signal: AbortSignal | undefined;
}

const watching = new AsyncLocalStorage<(request: WatchedRequest) => void>();

/** Hears of every request that reaches a watched model while `work` is done, and of nobody else's. */
export function watchModels<T>(
  onRequest: (request: WatchedRequest) => void,
  work: () => Promise<T>,
): Promise<T> {
  return watching.run(onRequest, work);
}

/** Tells whoever watches of a request. */
export function tellModelWatch(request: WatchedRequest): void {
  watching.getStore()?.(request);
}

/** A model whose requests `expectCleanReset` sees; a scripted one is seen as it is. */
export function watched(client: ChatClient): ChatClient {
  return {
    ...(client.model === undefined ? {} : { model: client.model }),
    stream: (messages, options = {}) => {
      const { signal } = options;
      tellModelWatch({ client, messages, request: recordRequest(messages, options), signal });
      return client.stream(messages, options);
    },
  };
}
