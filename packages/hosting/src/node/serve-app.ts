import { type AddressInfo } from 'node:net';

import { serve, type ServerType } from '@hono/node-server';
import { ConfigurationError } from '@colloquy/core';

import { type ResponsesApp } from '../app/responses-app.ts';

/** Where a server listens. */
export interface ServeOptions {
  /** Default 8088; 0 for any that is free. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`: nobody outside this machine reaches it. */
  readonly hostname?: string | undefined;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** The base URL that clients are given, such as `http://127.0.0.1:8088/v1`. */
  readonly url: string;
  /**
   * Shuts down: takes no more requests, lets responses end within `graceMs` (default 10 s), stops the others where they
   * can be gone on from, and resolves when the socket is closed.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** Claims that only this machine reaches an address. */
export function isLoopback(hostname: string): boolean {
  return ['127.0.0.1', '::1', 'localhost'].includes(hostname);
}

/**
 * Serves an app on a socket.
 *
 * On a loopback address only requests for that address are answered.
 *
 * Security: else a page in a browser could reach it under a name of its own that resolves to this machine.
 *
 * Rejects with a `ConfigurationError` `hosting/cannot-listen` when the address is taken or not allowed.
 */
export async function serveApp(
  app: ResponsesApp,
  { port = 8088, hostname = '127.0.0.1' }: ServeOptions = {},
): Promise<RunningServer> {
  const isPrivate = isLoopback(hostname);
  const fetch = (request: Request): Response | Promise<Response> =>
    isPrivate && !isForLoopback(request) ? refuseHost() : app.fetch(request);
  const { server, address } = await listen(fetch, port, hostname);
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    port: address.port,
    url: `http://${host}:${address.port}${app.basePathname}`,
    close: async (options) => {
      const isClosed = Promise.withResolvers<void>();
      server.close(() => isClosed.resolve());
      await app.close(options);
      // What is still open has nothing at work behind it.
      if ('closeAllConnections' in server) server.closeAllConnections();
      await isClosed.promise;
    },
  };
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
  hostname: string,
): Promise<{ readonly server: ServerType; readonly address: AddressInfo }> {
  const listening = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch, port, hostname }, listening.resolve);
  server.once('error', (error) => {
    listening.reject(
      new ConfigurationError(
        `Expected to listen on ${hostname}:${port}, got ${String(error)}. Choose another port.`,
        { code: 'hosting/cannot-listen', cause: error },
      ),
    );
  });
  return { server, address: await listening.promise };
}

function isForLoopback(request: Request): boolean {
  const { hostname } = new URL(request.url);
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

function refuseHost(): Response {
  const message = 'This server answers requests for this machine only.';
  const error = { message, type: 'invalid_request_error', param: null, code: 'wrong_host' };
  return Response.json({ error }, { status: 400 });
}
