import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseFold } from './coalesce.ts';
import { type Content } from './content.ts';
import { type ChatResponse } from './response.ts';
import { type ChatResponseUpdate } from './response-update.ts';

function fold(updates: readonly ChatResponseUpdate[]): ChatResponse {
  const response = new ResponseFold();
  for (const update of updates) response.add(update);
  return response.finish();
}

function call(callId: string, name: string, args: string): Content {
  return { type: 'function_call', callId, name, arguments: args };
}

/** A text cut at some places; the pieces joined are the text. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length];
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.map((end, index) => text.slice(sorted[index - 1] ?? 0, end));
}

const cutPlaces = fc.array(fc.nat(50), { maxLength: 4 });

/** Contents a model may stream, each with one way of cutting it. */
const cutContents = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant('text' as const), text: fc.string(), places: cutPlaces }),
      fc.record({ kind: fc.constant('reasoning' as const), text: fc.string(), places: cutPlaces }),
      fc.record({
        kind: fc.constant('call' as const),
        text: fc.oneof(fc.string(), fc.json(), fc.constant('{"city":"Oslo"}')),
        places: cutPlaces,
      }),
    ),
    { maxLength: 6 },
  )
  .map((items) =>
    items.map(({ kind, text, places }, index) => {
      const make = (piece: string): Content =>
        kind === 'call' ? call(`c${index}`, 'tool', piece) : { type: kind, text: piece };
      return { whole: [make(text)], pieces: cut(text, places).map(make) };
    }),
  );

describe('ResponseFold', () => {
  it('joins text, then reasoning, and keeps their order', () => {
    const response = fold([
      { contents: [{ type: 'reasoning', text: 'h' }] },
      { contents: [{ type: 'reasoning', text: 'm' }] },
      { contents: [{ type: 'text', text: 'Ri' }], responseId: 'r1', model: 'small' },
      { contents: [{ type: 'text', text: 'de' }], finishReason: 'stop' },
    ]);

    expect(response).toEqual({
      messages: [
        {
          role: 'assistant',
          contents: [
            { type: 'reasoning', text: 'hm' },
            { type: 'text', text: 'Ride' },
          ],
        },
      ],
      text: 'Ride',
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      responseId: 'r1',
      model: 'small',
      finishReason: 'stop',
    });
  });

  it('F1: gives the same response wherever texts and arguments are cut', () => {
    fc.assert(
      fc.property(cutContents, (items) => {
        const whole = items.map((item) => ({ contents: item.whole }));
        const pieces = items.flatMap((item) => item.pieces.map((piece) => ({ contents: [piece] })));
        const inOneUpdate = [{ contents: items.flatMap((item) => item.pieces) }];

        expect(fold(pieces)).toEqual(fold(whole));
        expect(fold(inOneUpdate)).toEqual(fold(whole));
      }),
    );
  });

  it('joins the fragments of calls that come alternately', () => {
    const response = fold([
      { contents: [call('a', 'weather', '{"city"')] },
      { contents: [call('b', 'time', '')] },
      { contents: [call('a', '', ':"Oslo"}')] },
      { contents: [call('b', 'time', '{"zone":1}')] },
    ]);

    expect(response.messages).toEqual([
      {
        role: 'assistant',
        contents: [
          { type: 'function_call', callId: 'a', name: 'weather', arguments: { city: 'Oslo' } },
          { type: 'function_call', callId: 'b', name: 'time', arguments: { zone: 1 } },
        ],
      },
    ]);
  });

  it('keeps arguments that are no JSON object as the model wrote them', () => {
    const response = fold([
      { contents: [call('a', 't', '{"city"')] },
      { contents: [call('b', 't', '[1]')] },
      { contents: [call('c', 't', ' ')] },
    ]);

    expect(response.messages[0]?.contents).toEqual([
      { type: 'function_call', callId: 'a', name: 't', arguments: '{"city"' },
      { type: 'function_call', callId: 'b', name: 't', arguments: '[1]' },
      { type: 'function_call', callId: 'c', name: 't', arguments: {} },
    ]);
  });

  it('never joins whole calls, nor calls of two tools, though they share an id', () => {
    const whole: Content = { type: 'function_call', callId: 'x', name: 't', arguments: { a: 1 } };

    const response = fold([
      { contents: [whole, whole] },
      { contents: [call('y', 'one', '{}')] },
      { contents: [call('y', 'two', '{}')] },
    ]);

    expect(response.messages[0]?.contents).toEqual([
      whole,
      whole,
      { type: 'function_call', callId: 'y', name: 'one', arguments: {} },
      { type: 'function_call', callId: 'y', name: 'two', arguments: {} },
    ]);
  });

  it('ends a run of reasoning where the provider has signed it', () => {
    const response = fold([
      { contents: [{ type: 'reasoning', text: 'a' }] },
      { contents: [{ type: 'reasoning', text: '', protected: 'sig' }] },
      { contents: [{ type: 'reasoning', text: 'b' }] },
    ]);

    expect(response.messages[0]?.contents).toEqual([
      { type: 'reasoning', text: 'a', protected: 'sig' },
      { type: 'reasoning', text: 'b' },
    ]);
  });

  it('sums usage and takes it out of the messages', () => {
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };

    const response = fold([
      { contents: [{ type: 'text', text: 'a' }] },
      { contents: [{ type: 'usage', usage }] },
      { contents: [{ type: 'text', text: 'b' }] },
      { contents: [{ type: 'usage', usage }] },
    ]);

    expect(response).toEqual({
      messages: [{ role: 'assistant', contents: [{ type: 'text', text: 'ab' }] }],
      text: 'ab',
      usage: { inputTokens: 2, outputTokens: 4, totalTokens: 6 },
    });
  });

  it('F2: begins another message where messageId or role changes', () => {
    const text = (letter: string): Content[] => [{ type: 'text', text: letter }];

    const response = fold([
      { contents: text('a') },
      { contents: text('b'), messageId: 'm1' },
      { contents: text('c') },
      { contents: text('d'), messageId: 'm2' },
      { contents: [], messageId: 'm3' },
      { contents: text('e') },
      { contents: [{ type: 'function_result', callId: 'x', result: 1 }], role: 'tool' },
      { contents: text('f'), messageId: 'm4' },
      { contents: [], messageId: 'm5' },
    ]);

    expect(response.messages).toEqual([
      { role: 'assistant', contents: text('abc'), id: 'm1' },
      { role: 'assistant', contents: text('d'), id: 'm2' },
      { role: 'assistant', contents: text('e'), id: 'm3' },
      { role: 'tool', contents: [{ type: 'function_result', callId: 'x', result: 1 }] },
      { role: 'assistant', contents: text('f'), id: 'm4' },
    ]);
    expect(response.text).toBe('abc\nd\ne\nf');
  });

  it('leaves out messages that say nothing', () => {
    expect(fold([{ contents: [{ type: 'text', text: '' }], finishReason: 'stop' }])).toEqual({
      messages: [],
      text: '',
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      finishReason: 'stop',
    });
  });
});
