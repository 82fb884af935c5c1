import { describe, expect, it } from 'vitest';

import { type RecordKey, type ResponseStore } from '../src/store/response-store.ts';

/** A store for one test, and what else is to be closed with it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: ResponseStore;
  /** Another store on the same data, as another process has it; the same one where nothing outlasts the process. */
  readonly again: () => ResponseStore;
}

const key = (id: string, tenant = 'a'): RecordKey => ({ tenant, kind: 'response', id });

/** Checks every promise that a store makes. */
export function responseStoreSuite(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`the promises of ${name}`, () => {
    it('gives back what was stored, as a copy, to whoever asks', async () => {
      await using subject = await create();
      const value = { text: 'naïve 🚲 "quoted" \n', list: [1, null, true] };

      const isNew = await subject.store.insert(key('x'), value);
      value.list.push(2);

      expect(isNew).toBe(true);
      expect((await subject.again().get(key('x')))?.value).toEqual({
        text: 'naïve 🚲 "quoted" \n',
        list: [1, null, true],
      });
      expect(await subject.store.get(key('y'))).toBeUndefined();
    });

    it('stores a key once', async () => {
      await using subject = await create();

      const stored = await Promise.all(
        [1, 2, 3].map((value) => subject.store.insert(key('x'), value)),
      );

      expect(stored.filter(Boolean)).toHaveLength(1);
    });

    it('replaces the version that the caller has read, and no other', async () => {
      await using subject = await create();
      const { store } = subject;
      await store.insert(key('x'), 0);
      const { version = 0 } = (await store.get(key('x'))) ?? {};

      const replaced = await Promise.all([
        store.replace(key('x'), 1, version),
        subject.again().replace(key('x'), 2, version),
      ]);
      const late = await store.replace(key('x'), 3, version);

      expect(replaced.filter(Boolean)).toHaveLength(1);
      expect(late).toBe(false);
      expect((await store.get(key('x')))?.value).toBe(replaced[0] ? 1 : 2);
      expect(await store.replace(key('none'), 1, 1)).toBe(false);
    });

    it('never loses a change when several count at once', async () => {
      await using subject = await create();
      await subject.store.insert(key('x'), 0);
      const countUp = async (store: ResponseStore): Promise<void> => {
        for (;;) {
          const { value, version } = (await store.get(key('x'))) ?? { value: 0, version: 0 };
          if (await store.replace(key('x'), Number(value) + 1, version)) return;
        }
      };

      await Promise.all(Array.from({ length: 12 }, () => countUp(subject.again())));

      expect((await subject.store.get(key('x')))?.value).toBe(12);
    });

    it('keeps tenants and kinds apart, whatever they are called', async () => {
      await using subject = await create();
      const { store } = subject;
      const keys: RecordKey[] = [
        ...['a', 'b', '../a', "a' OR '1'='1", '%', '__proto__'].map((tenant) => key('x', tenant)),
        { tenant: 'a', kind: 'conversation', id: 'x' },
        key('../../x'),
        key('constructor'),
      ];
      for (const [index, each] of keys.entries()) await store.insert(each, index);

      const values = await Promise.all(keys.map(async (each) => (await store.get(each))?.value));

      expect(values).toEqual(keys.map((_, index) => index));
    });

    it('keeps events in their order', async () => {
      await using subject = await create();
      const { store } = subject;
      await store.insert(key('x'), 0);
      await store.appendEvents(key('x'), [{ n: 0 }, { n: 1 }]);
      await store.appendEvents(key('x'), [{ n: 2, text: 'a\nb' }]);
      await store.appendEvents(key('none'), [{ n: 9 }]);

      expect(await subject.again().events(key('x'), 0)).toEqual([
        { n: 0 },
        { n: 1 },
        { n: 2, text: 'a\nb' },
      ]);
      expect(await store.events(key('x'), 2)).toEqual([{ n: 2, text: 'a\nb' }]);
      expect(await store.events(key('none'), 0)).toEqual([]);
    });

    it('forgets a record with its events', async () => {
      await using subject = await create();
      const { store } = subject;
      await store.insert(key('x'), 0);
      await store.appendEvents(key('x'), [{ n: 0 }]);

      const deleted = [await store.delete(key('x')), await store.delete(key('x'))];
      await store.insert(key('x'), 1);

      expect(deleted).toEqual([true, false]);
      expect(await store.events(key('x'), 0)).toEqual([]);
      expect((await store.get(key('x')))?.value).toBe(1);
    });

    it('lists what was not changed since a time', async () => {
      await using subject = await create();
      const { store } = subject;
      for (const id of ['x', 'y', 'z']) await store.insert(key(id), 0);
      await store.insert({ tenant: 'a', kind: 'conversation', id: 'c' }, 0);
      const later = Date.now() + 1000;
      const ids = async (before: number, limit: number) =>
        (await store.list({ kind: 'response', before, limit })).map(({ id }) => id).toSorted();

      expect(await ids(later, 10)).toEqual(['x', 'y', 'z']);
      expect(await ids(later, 2)).toHaveLength(2);
      expect(await ids(later - 60_000, 10)).toEqual([]);
    });
  });
}
