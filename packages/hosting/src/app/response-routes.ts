import { type Hono } from 'hono';

import { parseWith, readJson } from '../wire/parse-body.ts';
import { createRequestSchema } from '../wire/request-schema.ts';
import { sseResponse } from '../wire/sse.ts';
import { type HostSettings } from './host-options.ts';
import { type ResponsesHost } from './responses-host.ts';
import { type RouteEnv } from './route-env.ts';

/** Adds the routes of `/responses`. */
export function addResponseRoutes(
  routes: Hono<RouteEnv>,
  host: ResponsesHost,
  settings: HostSettings,
): void {
  routes.post('/responses', async (context) => {
    const request = context.req.raw;
    const body = parseWith(createRequestSchema, await readJson(request, host.limits));
    const runContext = settings.runContext?.(request);
    const tenant = 'default';
    const { signal } = request;
    const active = await host.create({ tenant, body, runContext, signal });
    if (body.stream === true)
      return sseResponse(active.events(-1), () => {
        if (!active.isBackground) active.stop('disconnected');
      });
    if (!active.isBackground) await active.finished;
    return context.json(active.response);
  });
}
