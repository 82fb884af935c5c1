import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { jsonObjectsIn } from './json-objects.ts';

describe('jsonObjectsIn', () => {
  it('finds every object, whatever is between them', () => {
    expect(jsonObjectsIn('a {"b": 1} c {d} {"e": {"f": "}"}}')).toEqual([
      { b: 1 },
      { e: { f: '}' } },
    ]);
  });

  it('finds an object behind many braces that open none', () => {
    expect(jsonObjectsIn(`${'{x} '.repeat(90)}{"a":1}`)).toEqual([{ a: 1 }]);
  });

  it('reads a comment that does not end to the end', () => {
    expect(jsonObjectsIn('{"a": 1 /* }')).toEqual([]);
  });

  it('finds any object whose text is JSON', () => {
    const text = fc.string().filter((each) => !/[{}"']/.test(each));
    fc.assert(
      fc.property(
        text,
        fc.dictionary(fc.string(), fc.jsonValue()),
        text,
        (before, value, after) => {
          const json = JSON.stringify(value);
          expect(jsonObjectsIn(`${before}${json}${after}`)).toEqual([JSON.parse(json)]);
        },
      ),
    );
  });

  const shapes: readonly (readonly [what: string, piece: string])[] = [
    ['braces that open', '{'],
    ['objects that are none', '{x}'],
    ['objects in objects', '{"a":'],
    ['comments that do not end', '/* '],
    ['commas', ', '],
    ['commas before nothing', ',\n\n\n\n'],
    ['words', 'a :'],
    ['quotes', '"'],
    ['single quotes', "'x "],
    ['escapes', '\\"'],
    ['escapes at the end of lines', '"\\\n'],
  ];

  it.each(shapes)('takes time in proportion to a megabyte of %s', (_, piece) => {
    const text = `{{{${piece.repeat(1_000_000 / piece.length)}}}}`;

    // What grew with the square of the length would take minutes, which no test has.
    expect(jsonObjectsIn(text)).toEqual([]);
  });
});
