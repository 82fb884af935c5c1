import { type Hono } from 'hono';

import { type ResponsesHost } from './responses-host.ts';
import { type RouteEnv } from './route-env.ts';

/** Adds the routes of `/models`, which name what is hosted. */
export function addModelRoutes(routes: Hono<RouteEnv>, host: ResponsesHost): void {
  const created = Math.floor(Date.now() / 1000);
  const toModel = (id: string): object => ({ id, object: 'model', created, owned_by: 'colloquy' });
  routes.get('/models', async (context) => {
    const names = await host.models.names();
    return context.json({ object: 'list', data: names.map(toModel) });
  });
  routes.get('/models/:id', async (context) => {
    const { name } = await host.models.find(context.req.param('id'));
    return context.json(toModel(name));
  });
}
