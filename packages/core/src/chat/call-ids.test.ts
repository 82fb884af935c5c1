import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FunctionCallContent } from '../messages/content.ts';
import { CallIds } from './call-ids.ts';

function call(callId: string, args: FunctionCallContent['arguments'] = {}): FunctionCallContent {
  return { type: 'function_call', callId, name: 'tool', arguments: args };
}

function idsOf(ids: CallIds, calls: readonly FunctionCallContent[]): string[] {
  return ids
    .rename({ contents: calls })
    .contents.flatMap((content) => (content.type === 'function_call' ? [content.callId] : []));
}

describe('CallIds', () => {
  it('keeps an update whose ids are free', () => {
    const update = { contents: [call('a'), { type: 'text', text: 'x' } as const] };

    expect(new CallIds([]).rename(update)).toBe(update);
  });

  it('I1: gives calls that share an id, or have none, ids of their own', () => {
    const ids = new CallIds(['a', 'a_2']);

    expect(idsOf(ids, [call('a'), call('a'), call('b'), call(''), call('')])).toEqual([
      'a_3',
      'a_4',
      'b',
      'call',
      'call_2',
    ]);
  });

  it('I1: takes an id that comes in the next answer for another call', () => {
    const ids = new CallIds([]);
    ids.beginAnswer();
    const first = idsOf(ids, [call('a', '{"x":')]);
    ids.beginAnswer();
    const second = idsOf(ids, [call('a', '1}')]);

    expect([first, second]).toEqual([['a'], ['a_2']]);
  });

  it('I2: keeps the id of a call through its fragments', () => {
    const ids = new CallIds(['a']);

    expect(
      idsOf(ids, [
        call('a', ''),
        call('b', ''),
        call('a', '{"x":'),
        call('a', '{}}'),
        call('a', ''),
      ]),
    ).toEqual(['a_2', 'b', 'a_2', 'a_2', 'a_2']);
  });

  it('I1: begins another call behind a whole one of the same id', () => {
    const ids = new CallIds([]);

    expect(idsOf(ids, [call('a', '{"x":1}'), call('a', '{"x":'), call('a', '2}')])).toEqual([
      'a',
      'a_2',
      'a_2',
    ]);
  });

  it('I1: holds for any ids', () => {
    const name = fc.constantFrom<string>('', 'a', 'a_2', 'call', 'call_2');
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (taken, wanted) => {
        const given = idsOf(
          new CallIds(taken),
          wanted.map((id) => call(id)),
        );

        expect(new Set(given).size).toBe(given.length);
        expect(given.filter((id) => id === '' || taken.includes(id))).toEqual([]);
      }),
    );
  });
});
