import { describe, expect, it } from 'vitest';

import { hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter } from '../../test/workflows.ts';

const said = (content: string) => ({ role: 'user' as const, content });

describe('a stored conversation', () => {
  it('has metadata that can be changed', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { conversations } = server.client;
    const { id } = await conversations.create({ metadata: { topic: 'bikes' } });

    const changed = await conversations.update(id, { metadata: { topic: 'tea' } });

    expect(changed).toEqual(await conversations.retrieve(id));
    expect(changed).toMatchObject({ id, object: 'conversation', metadata: { topic: 'tea' } });
  });

  it('forgets an added item until a turn has read it', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { conversations, responses } = server.client;
    const { id } = await conversations.create();
    const added = await conversations.items.create(id, { items: [said('a'), said('b')] });
    const [first, second] = added.data.map((item) => Reflect.get(item, 'id'));
    const place = { conversation_id: id };

    const found = await conversations.items.retrieve(String(first), place);
    await conversations.items.delete(String(first), place);
    const turn = await responses.create({ input: 'c', conversation: id });
    const late = await refusalOf(conversations.items.delete(String(second), place));

    expect(found).toEqual(added.data[0]);
    expect(turn.output_text).toBe('1: b\nc');
    expect(late).toMatchObject({ status: 409, code: 'item_in_use' });
    expect(await refusalOf(conversations.items.retrieve(String(first), place))).toMatchObject({
      status: 404,
      code: 'item_not_found',
    });
    expect(await refusalOf(conversations.items.delete('msg_x', place))).toMatchObject({
      status: 404,
    });
  });

  it('is added messages only', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { conversations } = server.client;
    const { id } = await conversations.create();
    const items = [said('a'), { type: 'function_call_output' as const, call_id: 'c', output: '' }];

    expect(await refusalOf(conversations.items.create(id, { items }))).toMatchObject({
      status: 400,
      param: 'items[1]',
    });
    expect(await refusalOf(conversations.create({ items }))).toMatchObject({ status: 400 });
  });

  it('lists its items newest first, without turns whose responses were deleted', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { conversations, responses } = server.client;
    const first = await responses.create({ input: 'a', conversation: 'c' });
    await responses.create({ input: 'b', conversation: 'c' });
    await responses.delete(first.id);
    const texts: unknown[] = [];
    for await (const item of conversations.items.list('c'))
      texts.push(item.type === 'message' && Reflect.get(item.content[0] ?? {}, 'text'));

    const after = await responses.create({ input: 'd', conversation: 'c' });

    expect(texts).toEqual(['2: b', 'b']);
    expect(after.output_text).toBe('3: d');
  });

  it('goes on where its last response was deleted', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { responses } = server.client;
    const { id } = await responses.create({ input: 'a', conversation: 'c' });
    await responses.delete(id);

    expect((await responses.create({ input: 'b', conversation: 'c' })).output_text).toBe('2: b');
  });

  it('begins anew under its name when it was deleted', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { conversations, responses } = server.client;
    const { id } = await conversations.create();
    await conversations.delete(id);

    expect(await refusalOf(conversations.delete(id))).toMatchObject({ status: 404 });
    expect((await responses.create({ input: 'a', conversation: id })).output_text).toBe('1: a');
  });
});

describe('a page', () => {
  it.each(['limit=0', 'limit=x', 'limit=101', 'order=up', 'after=msg_none'])(
    'is refused with ?%s',
    async (query) => {
      await using server = await hosted({ workflow: buildCounter() });
      const { id } = await server.client.responses.create({ input: 'a' });

      const response = await fetch(`${server.url}/responses/${id}/input_items?${query}`);

      expect(response.status).toBe(400);
    },
  );
});

describe('what is not there', () => {
  it('is said to be so', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { models, responses } = server.client;

    expect(await models.retrieve('counter')).toMatchObject({ id: 'counter', object: 'model' });
    expect(await refusalOf(models.retrieve('other'))).toMatchObject({ status: 404 });
    expect(
      await refusalOf(responses.inputTokens.count({ model: 'counter', input: 'a' })),
    ).toMatchObject({ status: 501, code: 'not_supported' });
    expect(
      await refusalOf(server.client.embeddings.create({ model: 'm', input: 'a' })),
    ).toMatchObject({ status: 404, code: 'unknown_route' });
  });
});
