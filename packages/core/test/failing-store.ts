import { type CheckpointStore } from '../src/checkpoint/checkpoint-store.ts';

/** A store that fails at the calls that are named, counted from 1, each once. */
export function failingStore(store: CheckpointStore, calls: readonly number[]): CheckpointStore {
  let count = 0;
  const calling = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1;
    if (calls.includes(count)) throw new Error(`the store failed at call ${count}`);
    return work();
  };
  return {
    save: (checkpoint, options) => calling(() => store.save(checkpoint, options)),
    saveResult: (scope, saved) => calling(() => store.saveResult(scope, saved)),
    results: (scope) => calling(() => store.results(scope)),
    saveAnswer: (threadId, saved) => calling(() => store.saveAnswer(threadId, saved)),
    answers: (threadId) => calling(() => store.answers(threadId)),
    load: (id) => calling(() => store.load(id)),
    loadChain: (id) => calling(() => store.loadChain(id)),
    latest: (workflowName, threadId, options) =>
      calling(() => store.latest(workflowName, threadId, options)),
    list: (filter) => store.list(filter),
    delete: (id) => calling(() => store.delete(id)),
    prune: (options) => calling(() => store.prune(options)),
    close: () => store.close(),
  };
}
