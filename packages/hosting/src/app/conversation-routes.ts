import { type Hono } from 'hono';

import { newConversation } from '../store/conversation-store.ts';
import { type ConversationRecord } from '../store/records.ts';
import { conflict, invalidRequest, notFound } from '../wire/api-error.ts';
import { createWireId, isConversationId } from '../wire/ids.ts';
import { type StoredItem, toStoredItems } from '../wire/input-items.ts';
import { type InputItem } from '../wire/input-schema.ts';
import { pageOf, parsePageQuery } from '../wire/item-page.ts';
import { parseWith, readJson } from '../wire/parse-body.ts';
import {
  createConversationSchema,
  createItemsSchema,
  updateConversationSchema,
} from '../wire/request-schema.ts';
import { conversationItems } from './conversation-items.ts';
import { type ResponsesHost } from './responses-host.ts';
import { type RouteEnv } from './route-env.ts';

/** Adds the routes of `/conversations`. */
export function addConversationRoutes(routes: Hono<RouteEnv>, host: ResponsesHost): void {
  const { conversations, limits } = host;
  routes.post('/conversations', async (context) => {
    const { items, metadata } = parseWith(
      createConversationSchema,
      await readJson(context.req.raw, limits),
    );
    const record = newConversation(createWireId('conv'), {
      metadata: metadata ?? {},
      items: messagesOnly(items ?? []),
    });
    await conversations.insert(context.get('tenant'), record);
    return context.json(toResource(record));
  });
  routes.get('/conversations/:id', async (context) =>
    context.json(toResource(await find(host, context.get('tenant'), context.req.param('id')))),
  );
  routes.post('/conversations/:id', async (context) => {
    const id = context.req.param('id');
    const body = await readJson(context.req.raw, limits);
    const { metadata } = parseWith(updateConversationSchema, body);
    await find(host, context.get('tenant'), id);
    const changed = await conversations.update(context.get('tenant'), id, (record) => ({
      ...record,
      metadata,
    }));
    if (changed === undefined) throw notFound('conversation', id);
    return context.json(toResource(changed));
  });
  routes.delete('/conversations/:id', async (context) => {
    const id = context.req.param('id');
    await find(host, context.get('tenant'), id);
    await conversations.delete(context.get('tenant'), id);
    return context.json({ id, object: 'conversation.deleted', deleted: true });
  });
  addItemRoutes(routes, host);
}

function addItemRoutes(routes: Hono<RouteEnv>, host: ResponsesHost): void {
  const { conversations, limits } = host;
  routes.post('/conversations/:id/items', async (context) => {
    const id = context.req.param('id');
    const body = parseWith(createItemsSchema, await readJson(context.req.raw, limits));
    const items = messagesOnly(body.items);
    await find(host, context.get('tenant'), id);
    await conversations.update(context.get('tenant'), id, (record) => ({
      ...record,
      entries: [...record.entries, ...items.map((item) => ({ item, isRead: false }))],
    }));
    const query = { limit: items.length, order: 'asc', after: undefined } as const;
    return context.json(await pageOf(items, query));
  });
  routes.get('/conversations/:id/items', async (context) => {
    const tenant = context.get('tenant');
    const query = parsePageQuery(context.req.query());
    const record = await find(host, tenant, context.req.param('id'));
    return context.json(await pageOf(conversationItems(host, tenant, record, query.order), query));
  });
  routes.get('/conversations/:id/items/:item', async (context) => {
    const tenant = context.get('tenant');
    const itemId = context.req.param('item');
    const record = await find(host, tenant, context.req.param('id'));
    for await (const item of conversationItems(host, tenant, record, 'desc'))
      if (item.id === itemId) return context.json(item);
    throw notFound('item', itemId);
  });
  routes.delete('/conversations/:id/items/:item', async (context) => {
    const tenant = context.get('tenant');
    const id = context.req.param('id');
    await find(host, tenant, id);
    const changed = await conversations.update(tenant, id, (record) =>
      withoutItem(record, context.req.param('item')),
    );
    if (changed === undefined) throw notFound('conversation', id);
    return context.json(toResource(changed));
  });
}

async function find(host: ResponsesHost, tenant: string, id: string): Promise<ConversationRecord> {
  const record = isConversationId(id) ? await host.conversations.find(tenant, id) : undefined;
  if (record === undefined) throw notFound('conversation', id);
  return record;
}

/** Items as they are kept; a conversation is added messages only, since answers and calls belong to a turn. */
function messagesOnly(items: readonly InputItem[]): readonly StoredItem[] {
  const index = items.findIndex(({ type }) => type !== 'message');
  if (index >= 0) throw invalidRequest('Expected a message.', `items[${index}]`);
  return toStoredItems(items);
}

/** What a workflow has read it cannot forget. */
function withoutItem(record: ConversationRecord, itemId: string): ConversationRecord {
  const entries = record.entries.filter((entry) => !('item' in entry && entry.item.id === itemId));
  const removed = record.entries.find((entry) => 'item' in entry && entry.item.id === itemId);
  if (removed === undefined) throw notFound('item', itemId);
  if ('isRead' in removed && !removed.isRead) return { ...record, entries };
  throw conflict('The item has been read and is part of what was said.', 'item_in_use');
}

function toResource({ id, createdAt, metadata }: ConversationRecord): object {
  return { id, object: 'conversation', created_at: createdAt, metadata };
}
