import { Hono } from 'hono';

import { ApiError } from '../wire/api-error.ts';
import { toRefusal } from '../turns/turn-failure.ts';
import { admit } from './admission.ts';
import { addConversationRoutes } from './conversation-routes.ts';
import { type ResponsesAppOptions } from './host-options.ts';
import { addModelRoutes } from './model-routes.ts';
import { addResponseRoutes } from './response-routes.ts';
import { ResponsesHost } from './responses-host.ts';
import { type RouteEnv } from './route-env.ts';

/** How long `close` lets responses go on, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * A server of the OpenAI Responses protocol: a Hono app, to be mounted or served by its `fetch`.
 *
 * Made by `responsesApp`.
 */
export class ResponsesApp extends Hono<RouteEnv> {
  /** What every route begins with, such as `/v1`. */
  readonly basePathname: string;
  readonly #host: ResponsesHost;

  constructor(host: ResponsesHost, basePathname: string) {
    super();
    this.#host = host;
    this.basePathname = basePathname;
  }

  /** The names that clients give as `model`; makes a first instance where it has to, to learn its name. */
  async models(): Promise<readonly string[]> {
    return this.#host.models.names();
  }

  /**
   * Shuts down: requests are answered 503, responses at work may end within `graceMs` and are then stopped at their next
   * superstep, where they can be gone on from. Resolves when all have ended.
   */
  async close({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#host.close(graceMs);
  }
}

/**
 * Hosts workflows and agents behind the OpenAI Responses protocol.
 *
 * A request without a context begins clean; one with `previous_response_id` or `conversation` goes on exactly where that
 * stood.
 *
 * @throws {ConfigurationError} `hosting/invalid-entity`, `hosting/invalid-limits`, `agent/unsupported-workflow`.
 */
export function responsesApp(options: ResponsesAppOptions): ResponsesApp {
  const host = new ResponsesHost(options);
  const basePath = options.basePath ?? '/v1';
  const app = new ResponsesApp(host, basePath);
  app.onError((error) => {
    const refusal = toRefusal(error);
    if (refusal.status >= 500) host.logger.warn(`A request failed: ${String(error)}`);
    return refusal.toResponse();
  });
  app.notFound(({ req }) =>
    new ApiError(`There is no ${req.method} ${req.path} here.`, {
      status: 404,
      wireCode: 'unknown_route',
    }).toResponse(),
  );
  const routes = new Hono<RouteEnv>();
  routes.use(admit(options, host.logger));
  addResponseRoutes(routes, host, options);
  addConversationRoutes(routes, host);
  addModelRoutes(routes, host);
  app.route(basePath, routes);
  return app;
}
