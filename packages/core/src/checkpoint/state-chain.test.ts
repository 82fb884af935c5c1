import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

import { CheckpointDecodeError, CheckpointEncodeError } from '../errors/checkpoint-errors.ts';
import { type JsonValue } from '../primitives/json.ts';
import { registerCodec } from './codec-registry.ts';
import { ChainWriter } from './state-chain.ts';
import { ValueDecoder } from './value-decoder.ts';
import { ValueEncoder } from './value-encoder.ts';

/** Through JSON text, as a store has it. */
const throughText = (json: JsonValue): JsonValue => {
  const copy: JsonValue = JSON.parse(JSON.stringify(json));
  return copy;
};

function roundTrip(value: unknown): unknown {
  const { json, newValues } = new ValueEncoder().encode(value);
  const decoder = new ValueDecoder();
  decoder.store(throughText(newValues));
  return decoder.decode(throughText(json));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.constantFrom(null, undefined, Number.NaN, -0, Infinity),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
    fc.dictionary(
      fc.oneof(
        fc.string().filter((key) => key !== '__proto__'),
        fc.constantFrom('$', '$$', '$ref', 'v', 'constructor', 'toString'),
      ),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

describe('values', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(plain, fc.boolean(), (value, isFrozen) => {
        expect(roundTrip(isFrozen ? deepFreezePlain(value) : value)).toEqual(value);
      }),
    );
  });

  it('keep errors, addresses and objects without prototype', () => {
    const cause = new TypeError('deep');
    const error = Object.assign(new RangeError('far', { cause }), { code: 'E_FAR' });
    const bare: object = Object.assign(Object.create(null), { x: 1 });

    const [first, all, address, copy] = roundTrip([
      error,
      new AggregateError([cause], 'many'),
      new URL('https://example.org/a?b'),
      bare,
    ]) as [Error, AggregateError, URL, object];

    expect(first).toMatchObject({ name: 'RangeError', message: 'far', code: 'E_FAR' });
    expect(first.cause).toMatchObject({ name: 'TypeError', message: 'deep' });
    expect(all.errors).toMatchObject([{ message: 'deep' }]);
    expect(address.href).toBe('https://example.org/a?b');
    expect(Object.getPrototypeOf(copy)).toBe(null);
  });

  class Money {
    readonly cents: number;
    constructor(cents: number) {
      this.cents = cents;
    }
  }
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => [inner], 1);

  it.each([
    ['a function', { a: [() => {}] }, 'a.0', 'function'],
    ['a symbol', { a: Symbol('x') }, 'a', 'symbol'],
    ['an instance without a codec', { price: new Money(1) }, 'price', 'Money'],
    ['a cycle', cyclic, Array(500).fill('self').join('.'), 'contains itself'],
    ['what is nested too deep', { deep }, `deep${'.0'.repeat(499)}`, 'levels deep'],
    ['a list with holes', { list: [1, , 3] }, 'list', 'holes'], // oxlint-disable-line no-sparse-arrays
    [
      'a computed property',
      {
        get x() {
          return 1;
        },
      },
      '',
      'computed',
    ],
    ['a symbol as a key', { [Symbol('k')]: 1 }, '', 'symbol'],
    ['__proto__ as a key', JSON.parse('{"a":{"__proto__":1}}'), 'a', '__proto__'],
  ])('are refused with their path: %s', (_what, value, path, problem) => {
    const failure = catchError(() => roundTrip(value));

    expect(failure).toBeInstanceOf(CheckpointEncodeError);
    expect(failure).toMatchObject({
      path,
      message: expect.stringContaining(problem),
    });
  });

  let unregister = (): void => {};
  afterEach(() => unregister());

  it('of one’s own kind are carried by a registered codec', () => {
    unregister = registerCodec({
      tag: 'money',
      is: (value): value is Money => value instanceof Money,
      encode: ({ cents }) => cents,
      decode: (cents) => {
        if (typeof cents !== 'number') throw new Error('no amount');
        return new Money(cents);
      },
    });

    expect(roundTrip({ price: new Money(5) })).toEqual({ price: new Money(5) });
    expect(() => new ValueDecoder().decode({ $: 'money', v: 'x' })).toThrow(CheckpointDecodeError);
    expect(() => registerCodec({ tag: 'money' } as never)).toThrow(
      expect.objectContaining({ code: 'codec/invalid' }),
    );
  });

  it.each([
    { $: 'undefined', v: 1 },
    { $: 'number', v: 3 },
    { $: 'bigint', v: '1e9' },
    { $: 'date', v: 9e15 },
    { $: 'bytes', v: '?' },
    { $: 'url', v: 'nowhere' },
    { $: 'map', v: [[1]] },
    { $: 'set', v: {} },
    { $: 'error', v: { name: 1 } },
    { $r: -1 },
    { $r: 0, x: 1 },
    { $: 'ghost', v: 1 },
    { $: 'date', v: 1, extra: 1 },
    { $: 1 },
  ])('that no encoder wrote are refused: %j', (value) => {
    expect(() => new ValueDecoder().decode(value)).toThrow(CheckpointDecodeError);
  });
});

/** Freezes plain data all through and leaves maps, sets and the like as they are. */
function deepFreezePlain<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  Object.values(value).forEach(deepFreezePlain);
  return Object.freeze(value);
}

function catchError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('chains', () => {
  it('W1: read back every state, whatever was written in vain', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.dictionary(fc.constantFrom('a', 'b', 'c'), plain, { noNullPrototype: true }),
            fc.boolean(),
          ),
        ),
        (steps) => {
          let writer = new ChainWriter();
          let stored: JsonValue[] = [];
          for (const [state, isStored] of steps) {
            const draft = writer.write(deepFreezePlain(state));
            if (!isStored) continue;
            draft.commit();
            stored = draft.stored.isWhole ? [] : stored;
            stored.push(throughText(draft.stored.state));
            const resumed = ChainWriter.resume(stored);
            expect(resumed.value).toEqual(state);
            writer = resumed.writer;
          }
        },
      ),
    );
  });

  it('carry what is nested as deep as values may be, also as a change', () => {
    let value: unknown = 'x';
    for (let level = 0; level < 498; level += 1) value = new Map([['k', value]]);
    const writer = new ChainWriter();
    const first = writer.write({ list: [] });
    first.commit();
    const second = writer.write({ list: [], value });

    const chain = [first, second].map(({ stored }) => throughText(stored.state));

    expect(ChainWriter.resume(chain).value).toEqual({ list: [], value });
    expect(new ChainWriter().write({ value }).stored.isWhole).toBe(true);
  });

  it('keep a frozen object one object, also over a resume and beside the state', () => {
    const message = deepFreeze({ role: 'user', contents: [{ type: 'text', text: 'hello' }] });
    const writer = new ChainWriter();
    const draft = writer.write({ here: [message], there: { message } });
    draft.commit();

    const resumed = ChainWriter.resume([throughText(draft.stored.state)]);
    const { here, there } = resumed.value as { here: [object]; there: { message: object } };
    const aside = resumed.readAside(throughText(writer.writeAside({ message })));

    expect(here[0]).toEqual(message);
    expect(here[0]).toBe(there.message);
    expect(aside).toEqual({ message });
    expect((aside as { message: object }).message).toBe(here[0]);
    expect(resumed.writer.write({ here, there }).stored.state).toMatchObject({
      state: [expect.any(Number), [], {}],
    });
  });

  it('are begun anew only where the changes outgrow the state', () => {
    const large = { churning: 0, growing: 0 };
    for (const kind of ['churning', 'growing'] as const) {
      const writer = new ChainWriter();
      let list: string[] = [];
      for (let step = 0; step < 2000; step += 1) {
        list = [...(kind === 'growing' ? list : []), `${step} `.padEnd(1000, 'x')];
        const draft = writer.write({ list });
        draft.commit();
        if (step > 0 && draft.stored.isWhole) large[kind] += 1;
      }
    }

    expect(large).toEqual({ churning: 3, growing: 0 });
  });

  it('store what changed, not the history', () => {
    const writer = new ChainWriter();
    const messages: object[] = [];
    let stored = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      messages.push(
        deepFreeze({
          role: 'user',
          contents: [{ type: 'text', text: `${turn} `.padEnd(500, 'x') }],
        }),
      );
      const copies = Array.from({ length: 9 }, (_, index) => [index, [...messages]] as const);
      const draft = writer.write({ turn, copies: new Map(copies) });
      draft.commit();
      stored += JSON.stringify(draft.stored.state).length;
    }

    // Nine references a turn beside each message.
    expect(stored / JSON.stringify(messages).length).toBeLessThan(4);
  });

  it.each([
    [[]],
    [[1]],
    [[{ values: [] }]],
    [
      [
        { values: [], whole: 1 },
        { values: [], whole: 1 },
      ],
    ],
    [[{ values: [], patch: {} }]],
    [[{ keys: [['values', 'whole']], state: [2, [], 1] }]],
    [[{ values: [], whole: 1 }, [1, [], {}]]],
    [
      [
        { values: [], whole: 1 },
        { values: [], patch: null },
      ],
    ],
    [
      [
        { values: [], whole: {} },
        { values: [], places: [[1, 'x']], patch: {} },
      ],
    ],
    [[{ values: {}, whole: 1 }]],
    [[{ values: [{ x: { $r: 0 } }], whole: 1 }]],
    [[{ values: [{ x: { $: 'map', v: [] } }], whole: 1 }]],
  ])('that are none are refused: %j', (states) => {
    expect(() => ChainWriter.resume(states as unknown as JsonValue[])).toThrow(
      CheckpointDecodeError,
    );
  });
});
