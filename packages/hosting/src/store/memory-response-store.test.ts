import { responseStoreSuite } from '../../test/response-store-suite.ts';
import { MemoryResponseStore } from './memory-response-store.ts';

responseStoreSuite('MemoryResponseStore', async () => {
  const store = new MemoryResponseStore();
  return { store, again: () => store, [Symbol.asyncDispose]: () => store.close() };
});
