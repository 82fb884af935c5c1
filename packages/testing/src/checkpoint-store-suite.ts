import assert from 'node:assert/strict';

import {
  type CheckpointFilter,
  type CheckpointStore,
  type JsonValue,
  type WorkflowCheckpoint,
} from '@colloquy/core';

/** One promise of an interface, and what shows that it is kept. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects where the promise is broken. */
  readonly run: () => Promise<void>;
}

/** Makes a store that is empty. */
export type CreateStore = () => CheckpointStore | Promise<CheckpointStore>;

/** What a store can be asked beside what every store can. */
export interface StoreSuiteOptions {
  /** Opens another store on the same data, as another process would. */
  readonly reopen?: (store: CheckpointStore) => CheckpointStore | Promise<CheckpointStore>;
}

/**
 * The promises of `CheckpointStore` as cases for any test runner:
 * `for (const { name, run } of checkpointStoreSuite(create)) it(name, run)`.
 *
 * Each case makes an empty store and closes it.
 */
export function checkpointStoreSuite(
  createStore: CreateStore,
  { reopen }: StoreSuiteOptions = {},
): readonly ConformanceCase[] {
  const plain = Object.entries(CASES).map(([name, check]) => ({
    name,
    run: () => withStore(createStore, check),
  }));
  if (reopen === undefined) return plain;
  const shared = Object.entries(SHARED_CASES).map(([name, check]) => ({
    name,
    run: () =>
      withStore(createStore, async (store) => {
        const other = await reopen(store);
        await check(store, other);
        await other.close();
      }),
  }));
  return [...plain, ...shared];
}

async function withStore(
  createStore: CreateStore,
  check: (store: CheckpointStore) => Promise<void>,
): Promise<void> {
  const store = await createStore();
  try {
    await check(store);
  } finally {
    await store.close();
  }
}

function checkpoint(id: string, parts: Partial<WorkflowCheckpoint> = {}): WorkflowCheckpoint {
  return {
    id,
    parentId: null,
    threadId: 'thread',
    branchId: 'main',
    runId: 'run',
    workflowName: 'flow',
    graphSignature: 'graph',
    superstep: 0,
    runState: 'in_progress',
    createdAt: 1000,
    version: 1,
    baseId: null,
    state: { said: id },
    ...parts,
  };
}

/** Saves checkpoints one after another on one branch. */
async function saveLine(
  store: CheckpointStore,
  ids: readonly string[],
  parts: Partial<WorkflowCheckpoint> = {},
): Promise<void> {
  let parent: string | null = null;
  for (const id of ids) {
    await store.save(checkpoint(id, { parentId: parent, ...parts }), { expectedParent: parent });
    parent = id;
  }
}

async function idsOf(store: CheckpointStore, filter?: CheckpointFilter): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of store.list(filter)) ids.push(id);
  return ids;
}

const NOT_FOUND = { code: 'checkpoint/not-found' };
const CONFLICT = { code: 'checkpoint/conflict' };
const SCOPE = { checkpointId: 'one', branchId: 'main' };

/** Hostile to JSON, paths and queries. */
const ODD_TEXTS = [
  '../../etc',
  'a\'b"c',
  'ünï ☃ 🎈',
  'a\nb',
  '%',
  'x'.repeat(300),
  '__proto__',
  'a/b\\c',
];

const CASES: Readonly<Record<string, (store: CheckpointStore) => Promise<void>>> = {
  'loads what was saved, and shares nothing with it': async (store) => {
    const state = { list: [1, { deep: 'x' }] };
    const saved = checkpoint('one', { state });
    await store.save(saved, { expectedParent: null });
    state.list.push(2);
    const loaded = await store.load('one');
    assert.deepEqual(loaded, checkpoint('one', { state: { list: [1, { deep: 'x' }] } }));
    Object.assign(loaded, { superstep: 9 });
    assert.equal((await store.load('one')).superstep, 0);
  },
  'keeps any state as it is': async (store) => {
    const state: JsonValue = JSON.parse(
      '{"__proto__":{"x":1},"constructor":2,"":3,"\\u0000":"\\u0000","deep":[[[[]]]],"n":-1.5e300}',
    );
    await store.save(checkpoint('one', { state }), { expectedParent: null });
    assert.equal(JSON.stringify((await store.load('one')).state), JSON.stringify(state));
  },
  'keeps a large state': async (store) => {
    const state = Array.from({ length: 20_000 }, (_, index) => `${index} ${'x'.repeat(100)}`);
    await store.save(checkpoint('one', { state }), { expectedParent: null });
    assert.deepEqual((await store.load('one')).state, state);
  },
  'takes any text as an id': async (store) => {
    for (const odd of ODD_TEXTS) {
      const parts = { threadId: `t${odd}`, branchId: `b${odd}`, workflowName: `w${odd}` };
      await store.save(checkpoint(odd, parts), { expectedParent: null });
      await store.saveAnswer(`t${odd}`, { requestId: odd, answer: odd });
    }
    for (const odd of ODD_TEXTS) {
      assert.equal((await store.latest(`w${odd}`, `t${odd}`))?.id, odd);
      assert.deepEqual(await store.answers(`t${odd}`), [{ requestId: odd, answer: odd }]);
      assert.equal((await store.load(odd)).threadId, `t${odd}`);
    }
  },
  'rejects what it does not have': async (store) => {
    await assert.rejects(store.load('ghost'), NOT_FOUND);
    await assert.rejects(store.loadChain('ghost'), NOT_FOUND);
    assert.equal(await store.latest('flow', 'ghost'), undefined);
    assert.equal(await store.delete('ghost'), false);
    assert.deepEqual(await idsOf(store), []);
  },
  'refuses a checkpoint that does not follow the head, and changes nothing': async (store) => {
    await saveLine(store, ['one', 'two']);
    for (const expectedParent of [null, 'one', 'ghost']) {
      await assert.rejects(store.save(checkpoint('three'), { expectedParent }), {
        ...CONFLICT,
        actualParent: 'two',
      });
    }
    const elsewhere = checkpoint('three', { branchId: 'other' });
    await assert.rejects(store.save(elsewhere, { expectedParent: 'two' }), {
      ...CONFLICT,
      actualParent: null,
    });
    await assert.rejects(store.save(checkpoint('one'), { expectedParent: 'two' }), CONFLICT);
    assert.deepEqual(await idsOf(store), ['one', 'two']);
    assert.deepEqual((await store.load('one')).state, { said: 'one' });
  },
  'lets one of many win that save at once': async (store) => {
    await saveLine(store, ['one']);
    const attempts = Array.from({ length: 8 }, (_, index) =>
      store.save(checkpoint(`next ${index}`), { expectedParent: 'one' }),
    );
    const results = await Promise.allSettled(attempts);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await idsOf(store)).length, 2);
  },
  'keeps branches of a thread apart': async (store) => {
    await saveLine(store, ['one', 'two']);
    await saveLine(store, ['three'], { branchId: 'other', parentId: 'one' });
    await store.save(checkpoint('four'), { expectedParent: 'two' });
    assert.equal((await store.latest('flow', 'thread'))?.id, 'four');
    assert.equal((await store.latest('flow', 'thread', { branchId: 'other' }))?.id, 'three');
    assert.equal((await store.latest('flow', 'thread', { branchId: 'main' }))?.id, 'four');
    assert.equal(await store.latest('another', 'thread'), undefined);
  },
  'gives a checkpoint with all that it builds on': async (store) => {
    await saveLine(store, ['one']);
    await store.save(checkpoint('two', { baseId: 'one' }), { expectedParent: 'one' });
    await store.save(checkpoint('three', { baseId: 'two', branchId: 'other' }), {
      expectedParent: null,
    });
    const chain = await store.loadChain('three');
    assert.deepEqual(
      chain.map(({ id }) => id),
      ['one', 'two', 'three'],
    );
    assert.deepEqual(
      (await store.loadChain('one')).map(({ id }) => id),
      ['one'],
    );
  },
  'saves a result once': async (store) => {
    await saveLine(store, ['one']);
    assert.equal(await store.saveResult(SCOPE, { key: 'b', result: { n: 1 } }), true);
    assert.equal(await store.saveResult(SCOPE, { key: 'a', result: null }), true);
    assert.equal(await store.saveResult(SCOPE, { key: 'b', result: 2 }), false);
    assert.deepEqual(await store.results(SCOPE), [
      { key: 'b', result: { n: 1 } },
      { key: 'a', result: null },
    ]);
    assert.deepEqual(await store.results({ ...SCOPE, branchId: 'other' }), []);
  },
  'saves a result once though many try': async (store) => {
    await saveLine(store, ['one']);
    const tries = Array.from({ length: 8 }, (_, result) =>
      store.saveResult(SCOPE, { key: 'a', result }),
    );
    assert.equal((await Promise.all(tries)).filter(Boolean).length, 1);
    assert.equal((await store.results(SCOPE)).length, 1);
  },
  'forgets results when their branch goes on, and no others': async (store) => {
    await saveLine(store, ['one']);
    const other = { ...SCOPE, branchId: 'other' };
    await store.saveResult(SCOPE, { key: 'a', result: 1 });
    await store.saveResult(other, { key: 'a', result: 2 });
    await store.save(checkpoint('two'), { expectedParent: 'one' });
    assert.deepEqual(await store.results(SCOPE), []);
    assert.deepEqual(await store.results(other), [{ key: 'a', result: 2 }]);
  },
  'saves an answer once, also before anything else of its thread': async (store) => {
    assert.equal(await store.saveAnswer('thread', { requestId: 'q', answer: { yes: 1 } }), true);
    assert.equal(await store.saveAnswer('thread', { requestId: 'q', answer: 2 }), false);
    assert.equal(await store.saveAnswer('thread', { requestId: 'a', answer: null }), true);
    assert.deepEqual(await store.answers('thread'), [
      { requestId: 'q', answer: { yes: 1 } },
      { requestId: 'a', answer: null },
    ]);
    assert.deepEqual(await store.answers('other'), []);
  },
  'lists heads in the order of saving, as the filter says': async (store) => {
    await saveLine(store, ['z', 'a'], { createdAt: 10 });
    await saveLine(store, ['m'], { branchId: 'b2', runState: 'idle', createdAt: 20 });
    await saveLine(store, ['k'], { threadId: 't2', branchId: 'b3', createdAt: 30 });
    await saveLine(store, ['j'], {
      workflowName: 'w2',
      branchId: 'b4',
      threadId: 't3',
      createdAt: 5,
    });
    assert.deepEqual(await idsOf(store), ['z', 'a', 'm', 'k', 'j']);
    assert.deepEqual(await idsOf(store, { workflowName: 'flow' }), ['z', 'a', 'm', 'k']);
    assert.deepEqual(await idsOf(store, { threadId: 'thread' }), ['z', 'a', 'm']);
    assert.deepEqual(await idsOf(store, { branchId: 'b2' }), ['m']);
    assert.deepEqual(await idsOf(store, { runState: 'idle' }), ['m']);
    assert.deepEqual(await idsOf(store, { after: 10, before: 30 }), ['z', 'a', 'm']);
    assert.deepEqual(await idsOf(store, { threadId: 'thread', limit: 2 }), ['z', 'a']);
    assert.deepEqual(await idsOf(store, { threadId: 'thread', runState: 'failed' }), []);
    assert.deepEqual(await idsOf(store, { limit: 0 }), []);
    for await (const head of store.list({ branchId: 'b2' }))
      assert.equal('state' in head || 'baseId' in head, false);
  },
  'deletes a checkpoint with its results': async (store) => {
    await saveLine(store, ['one', 'two']);
    await store.saveResult({ ...SCOPE, checkpointId: 'two' }, { key: 'a', result: 1 });
    assert.equal(await store.delete('two'), true);
    assert.equal(await store.delete('two'), false);
    await assert.rejects(store.load('two'), NOT_FOUND);
    assert.deepEqual(await store.results({ ...SCOPE, checkpointId: 'two' }), []);
    assert.deepEqual(await idsOf(store), ['one']);
    assert.equal((await store.latest('flow', 'thread'))?.id, 'one');
    await assert.rejects(store.save(checkpoint('three'), { expectedParent: 'one' }), CONFLICT);
    await store.save(checkpoint('three'), { expectedParent: 'two' });
  },
  'keeps a deleted checkpoint for those that build on it, unseen': async (store) => {
    await saveLine(store, ['one']);
    await store.save(checkpoint('two', { baseId: 'one' }), { expectedParent: 'one' });
    await store.delete('one');
    assert.deepEqual(await idsOf(store), ['two']);
    await assert.rejects(store.load('one'), NOT_FOUND);
    await assert.rejects(store.loadChain('one'), NOT_FOUND);
    const chain = await store.loadChain('two');
    assert.deepEqual(
      chain.map(({ id, state }) => [id, state]),
      [
        ['one', { said: 'one' }],
        ['two', { said: 'two' }],
      ],
    );
  },
  'refuses a checkpoint that builds on what is gone, and changes nothing': async (store) => {
    await saveLine(store, ['one', 'two']);
    await store.delete('two');
    const three = checkpoint('three', { baseId: 'two' });
    await assert.rejects(store.save(three, { expectedParent: 'two' }), NOT_FOUND);
    await store.save(checkpoint('three'), { expectedParent: 'two' });
    assert.deepEqual(await idsOf(store), ['one', 'three']);
  },
  'forgets answers with the last checkpoint of their thread': async (store) => {
    await saveLine(store, ['one', 'two']);
    await store.saveAnswer('thread', { requestId: 'q', answer: 1 });
    await store.delete('one');
    assert.equal((await store.answers('thread')).length, 1);
    await store.delete('two');
    assert.deepEqual(await store.answers('thread'), []);
  },
  'prunes what is old, and keeps the last of each thread': async (store) => {
    await saveLine(store, ['a1', 'a2', 'a3'], { createdAt: 10 });
    await saveLine(store, ['b1', 'b2'], { threadId: 't2', branchId: 'b', createdAt: 20 });
    assert.equal(await store.prune({ keepLast: 2, threadId: 'thread' }), 1);
    assert.deepEqual(await idsOf(store), ['a2', 'a3', 'b1', 'b2']);
    assert.equal(await store.prune({ olderThan: 20, keepLast: 1 }), 1);
    assert.deepEqual(await idsOf(store), ['a3', 'b1', 'b2']);
    assert.equal(await store.prune({ workflowName: 'none' }), 0);
    assert.equal(await store.prune(), 3);
    assert.deepEqual(await idsOf(store), []);
  },
  'rejects everything once it is closed': async (store) => {
    await saveLine(store, ['one']);
    await store.close();
    await store.close();
    await assert.rejects(store.load('one'));
    await assert.rejects(store.save(checkpoint('two'), { expectedParent: 'one' }));
    await assert.rejects(idsOf(store));
  },
};

type SharedCheck = (store: CheckpointStore, other: CheckpointStore) => Promise<void>;

const SHARED_CASES: Readonly<Record<string, SharedCheck>> = {
  'shows one process what another has saved': async (store, other) => {
    await saveLine(store, ['one']);
    await store.saveResult(SCOPE, { key: 'a', result: 1 });
    await store.saveAnswer('thread', { requestId: 'q', answer: 1 });
    assert.deepEqual(await other.load('one'), checkpoint('one'));
    assert.deepEqual(await other.results(SCOPE), [{ key: 'a', result: 1 }]);
    assert.deepEqual(await other.answers('thread'), [{ requestId: 'q', answer: 1 }]);
    await other.save(checkpoint('two'), { expectedParent: 'one' });
    assert.equal((await store.latest('flow', 'thread'))?.id, 'two');
    assert.deepEqual(await idsOf(store), ['one', 'two']);
  },
  'lets one process win that saves at once with another': async (store, other) => {
    await saveLine(store, ['0']);
    for (let turn = 1; turn <= 20; turn += 1) {
      const expectedParent = (await store.latest('flow', 'thread'))?.id ?? null;
      const results = await Promise.allSettled(
        [store, other].map((each, index) =>
          each.save(checkpoint(`${turn}.${index}`), { expectedParent }),
        ),
      );
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    }
    assert.equal((await idsOf(other)).length, 21);
  },
  'stays open when another is closed': async (store, other) => {
    await saveLine(store, ['one']);
    await other.close();
    assert.equal((await store.load('one')).id, 'one');
  },
};
