import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { responsesApp } from '../src/app/responses-app.ts';
import { buildPublisher } from './workflows.ts';

const QUIET = { warn: () => {}, debug: () => {} };
const RUNS = { numRuns: 400 };

const app = responsesApp({ workflow: buildPublisher(), logger: QUIET });

/** What every answer of a server must be: an outcome, or a refusal in OpenAI's shape. */
const judge = async (response: Response): Promise<void> => {
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  expect(response.status).toBeLessThan(500);
  if (isStream) expect(text).toMatch(/data: \[DONE\]\n\n$/);
  else if (response.status === 200) expect(JSON.parse(text)).toHaveProperty('object');
  else
    expect(JSON.parse(text)).toEqual({
      error: {
        message: expect.stringMatching(/^.{5,}/),
        type: expect.any(String),
        param: expect.toBeOneOf([null, expect.any(String)]),
        code: expect.any(String),
      },
    });
  expect(text).not.toMatch(/node_modules|\.ts:\d|\\n +at /);
};

const send = async (
  path: string,
  body: BodyInit,
  { type = 'application/json', method = 'POST' } = {},
): Promise<Response> =>
  app.request(`/v1${path}`, { method, body, headers: { 'content-type': type } });

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '..', '__proto__', '\0', '🚲'),
);
const id = fc.oneof(text, fc.constant(`resp_${'0'.repeat(32)}`));

const part = fc.oneof(
  fc.record({ type: fc.constant('input_text'), text }),
  fc.record({ type: fc.constant('output_text'), text, annotations: fc.constant([]) }),
  fc.record({ type: fc.constant('input_image'), image_url: text }),
  fc.record({ type: fc.constant('input_file'), file_data: text, filename: text }),
);
const item = fc.oneof(
  fc.record({
    role: fc.constantFrom('user', 'assistant', 'system', 'developer'),
    content: fc.oneof(text, fc.array(part, { maxLength: 3 })),
  }),
  fc.record({ type: fc.constant('function_call_output'), call_id: id, output: text }),
  fc.record({ type: fc.constant('function_call'), call_id: id, name: text, arguments: text }),
  fc.record({
    type: fc.constant('mcp_approval_response'),
    approval_request_id: id,
    approve: fc.boolean(),
  }),
  fc.record({ type: fc.constantFrom('reasoning', 'item_reference', 'computer_call'), id }),
);

/** A request as the schema has it, of which some fields are anything. */
const request = fc
  .record(
    {
      model: fc.constantFrom('publisher', 'other', ''),
      input: fc.oneof(text, fc.array(item, { maxLength: 4 })),
      stream: fc.boolean(),
      background: fc.boolean(),
      store: fc.boolean(),
      previous_response_id: id,
      conversation: fc.oneof(text, fc.record({ id: text })),
      metadata: fc.dictionary(text, text, { maxKeys: 3 }),
      max_output_tokens: fc.integer(),
      instructions: text,
      temperature: fc.double(),
    },
    { requiredKeys: ['input'] },
  )
  .chain((valid) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant<object>(valid) },
      fc
        .tuple(fc.constantFrom(...Object.keys(valid)), fc.jsonValue())
        .map(([key, value]): object => Object.assign({}, valid, { [key]: value })),
    ),
  );

describe('whatever is sent', () => {
  it('as a request for a response, is answered or refused', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (body) => {
        await judge(await send('/responses', JSON.stringify(body)));
      }),
      RUNS,
    );
  }, 60_000);

  it('as an answer to what waits, is taken once or refused', async () => {
    const paused = await (await send('/responses', '{"input":"draft"}')).json();
    const callId: unknown = paused.output[0].call_id;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(item, fc.jsonValue()), { maxLength: 3 }),
        text,
        async (others, output) => {
          const answer = { type: 'function_call_output', call_id: callId, output };
          const body = { previous_response_id: paused.id, input: [answer, ...others] };
          await judge(await send('/responses', JSON.stringify(body)));
        },
      ),
      RUNS,
    );
  }, 60_000);

  it.each(['/responses', '/conversations', '/conversations/c', '/conversations/c/items'])(
    'as bytes or JSON to %s, is refused',
    async (path) => {
      const bytes = fc.oneof(
        fc.uint8Array().map((each) => Uint8Array.from(each)),
        fc.json(),
        fc.constantFrom('[', '{"input":', '"', '\u{FEFF}{}', 'null', '1e999'),
      );
      const type = fc.constantFrom(
        'application/json',
        'application/json; charset=utf-8',
        'text/x',
        '',
      );
      await fc.assert(
        fc.asyncProperty(bytes, type, async (body, contentType) => {
          await judge(await send(path, body, { type: contentType }));
        }),
        RUNS,
      );
    },
    60_000,
  );

  it('as a path or a query, is answered or refused', async () => {
    const segment = fc.oneof(
      text.map(encodeURIComponentSafely),
      fc.constantFrom(
        '%',
        '%2e%2e',
        '..%2f..',
        'resp_%00',
        'cancel',
        'items',
        'input_items',
        '%ff',
      ),
    );
    const path = fc
      .tuple(
        fc.constantFrom('responses', 'conversations', 'models'),
        fc.array(segment, { maxLength: 3 }),
        fc.constantFrom('', '?stream=true', '?limit=0', '?after=x&order=up', '?starting_after=-9'),
      )
      .map(([root, rest, query]) => `/${[root, ...rest].join('/')}${query}`);
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('GET', 'DELETE', 'PUT'), async (each, method) => {
        await judge(await app.request(`/v1${each}`, { method }));
      }),
      RUNS,
    );
  }, 60_000);
});

function encodeURIComponentSafely(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
