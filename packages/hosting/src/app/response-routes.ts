import { type Hono } from 'hono';

import { forgetResponse } from '../store/forget-response.ts';
import { type ResponseRecord } from '../store/records.ts';
import { ApiError, conflict, invalidRequest, notFound } from '../wire/api-error.ts';
import { type StoredItem } from '../wire/input-items.ts';
import { pageOf, parsePageQuery } from '../wire/item-page.ts';
import { parseWith, readJson } from '../wire/parse-body.ts';
import { createRequestSchema } from '../wire/request-schema.ts';
import { isTerminal, type ResponseResource } from '../wire/response-resource.ts';
import { sseResponse } from '../wire/sse.ts';
import { type HostSettings } from './host-options.ts';
import { replayEvents } from './replay-events.ts';
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
    const tenant = context.get('tenant');
    const { signal } = request;
    const active = await host.create({ tenant, body, runContext, signal });
    if (body.stream === true)
      return sseResponse(active.events(-1), {
        maxStallMs: host.limits.maxStallMs,
        onLeave: () => {
          if (!active.isBackground) active.leave();
        },
      });
    if (!active.isBackground) await active.finished;
    return context.json(active.response);
  });
  for (const missing of ['/responses/input_tokens', '/responses/compact'])
    routes.post(missing, () => {
      throw new ApiError(`A workflow has no ${missing.slice('/responses/'.length)}.`, {
        status: 501,
        wireCode: 'not_supported',
      });
    });
  addStoredRoutes(routes, host);
}

/** The routes that look at a response which was created before. */
function addStoredRoutes(routes: Hono<RouteEnv>, host: ResponsesHost): void {
  routes.get('/responses/:id', async (context) => {
    const tenant = context.get('tenant');
    const id = context.req.param('id');
    if (context.req.query('stream') === 'true') {
      const after = parseAfter(context.req.query('starting_after'));
      return sseResponse(await eventsOf(host, { tenant, id, after }), {
        maxStallMs: host.limits.maxStallMs,
        onLeave: () => {
          // The response goes on in the background, for whoever comes next.
        },
      });
    }
    return context.json(await findResource(host, tenant, id));
  });
  routes.post('/responses/:id/cancel', async (context) =>
    context.json(await cancel(host, context.get('tenant'), context.req.param('id'))),
  );
  routes.delete('/responses/:id', async (context) => {
    const tenant = context.get('tenant');
    const id = context.req.param('id');
    const { status } = await findResource(host, tenant, id);
    if (!isTerminal(status))
      throw conflict('The response is at work. Cancel it first.', 'response_in_progress');
    await forgetResponse(host, tenant, id);
    return context.json({ id, object: 'response', deleted: true });
  });
  routes.get('/responses/:id/input_items', async (context) => {
    const query = parsePageQuery(context.req.query());
    const { input } = await findRecord(host, context.get('tenant'), context.req.param('id'));
    return context.json(await pageOf(inOrder(input, query.order), query));
  });
}

async function findRecord(
  host: ResponsesHost,
  tenant: string,
  id: string,
): Promise<ResponseRecord> {
  const record = await host.responses.find(tenant, id);
  if (record === undefined) throw notFound('response', id);
  return record;
}

/** A response as it stands: as it works, or as it was stored. */
async function findResource(
  host: ResponsesHost,
  tenant: string,
  id: string,
): Promise<ResponseResource> {
  const { response } = host.active.find(tenant, id)?.active ?? {};
  if (response?.store === true) return response;
  return (await findRecord(host, tenant, id)).response;
}

async function cancel(host: ResponsesHost, tenant: string, id: string): Promise<ResponseResource> {
  const response = await findResource(host, tenant, id);
  if (!response.background)
    throw invalidRequest('Only a response in the background can be cancelled; close its stream.');
  if (response.status === 'cancelled') return response;
  if (isTerminal(response.status))
    throw invalidRequest(`The response has ended: it is ${response.status}.`);
  const turn = host.active.find(tenant, id);
  if (turn === undefined)
    throw conflict('The response is at work in another server.', 'response_elsewhere');
  await turn.cancel();
  return turn.active.response;
}

/** The events of a response in the background from a number on, as they come or as they were stored. */
async function eventsOf(
  host: ResponsesHost,
  { tenant, id, after }: { readonly tenant: string; readonly id: string; readonly after: number },
): Promise<ReturnType<typeof replayEvents>> {
  const active = host.active.find(tenant, id)?.active;
  if (active?.isBackground === true) return active.events(after);
  const { response } = await findRecord(host, tenant, id);
  if (!response.background)
    throw invalidRequest('Only a response in the background can be streamed again.', 'stream');
  if (!isTerminal(response.status))
    throw conflict('The response is at work in another server.', 'response_elsewhere');
  return replayEvents(response, await host.responses.events(tenant, id, 0), after);
}

function parseAfter(text: string | undefined): number {
  if (text === undefined) return -1;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidRequest('Expected the number of an event, in decimal digits.', 'starting_after');
}

function inOrder(items: readonly StoredItem[], order: 'asc' | 'desc'): readonly StoredItem[] {
  return order === 'asc' ? items : items.toReversed();
}
