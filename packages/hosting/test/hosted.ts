import { type AddressInfo } from 'node:net';

import { serve } from '@hono/node-server';
import OpenAI from 'openai';

import { type ResponsesAppOptions } from '../src/app/host-options.ts';
import { type ResponsesApp, responsesApp } from '../src/app/responses-app.ts';

/** A server on a loopback socket, and the official client on it. */
export interface Hosted extends AsyncDisposable {
  readonly app: ResponsesApp;
  readonly client: OpenAI;
  readonly url: string;
}

const QUIET = { warn: () => {}, debug: () => {} };

/** Serves workflows on a free port for as long as a test needs it. */
export async function hosted(options: ResponsesAppOptions): Promise<Hosted> {
  const app = responsesApp({ logger: QUIET, ...options });
  const { promise, resolve } = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, resolve);
  const { port } = await promise;
  const url = `http://127.0.0.1:${port}/v1`;
  return {
    app,
    url,
    client: new OpenAI({ baseURL: url, apiKey: 'local', maxRetries: 0 }),
    [Symbol.asyncDispose]: async () => {
      await app.close({ graceMs: 0 });
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed.promise;
    },
  };
}
