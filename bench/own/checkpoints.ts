import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  Agent,
  type CheckpointStore,
  defineExecutor,
  MemoryCheckpointStore,
  type Workflow,
  type WorkflowCheckpoint,
  WorkflowBuilder,
} from '@colloquy/core';
import { FileCheckpointStore } from '@colloquy/core/node';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { SqliteCheckpointStore } from '@colloquy/stores/sqlite';

import { instantModel } from '../instant-model.ts';
import { median } from '../measure.ts';
import { loopOf } from '../subjects/colloquy.ts';
import { digits, timed } from './section.ts';

/** Counts what is saved, and notes when; keeps it with `inner`. */
class CountingStore implements CheckpointStore {
  readonly inner: CheckpointStore;
  readonly times: number[] = [];
  bytes = 0;

  constructor(inner: CheckpointStore) {
    this.inner = inner;
  }

  save(checkpoint: WorkflowCheckpoint, options: { expectedParent: string | null }): Promise<void> {
    this.times.push(performance.now());
    this.bytes += Buffer.byteLength(JSON.stringify(checkpoint));
    return this.inner.save(checkpoint, options);
  }

  saveResult: CheckpointStore['saveResult'] = (...args) => this.inner.saveResult(...args);
  results: CheckpointStore['results'] = (...args) => this.inner.results(...args);
  saveAnswer: CheckpointStore['saveAnswer'] = (...args) => this.inner.saveAnswer(...args);
  answers: CheckpointStore['answers'] = (...args) => this.inner.answers(...args);
  load: CheckpointStore['load'] = (...args) => this.inner.load(...args);
  loadChain: CheckpointStore['loadChain'] = (...args) => this.inner.loadChain(...args);
  latest: CheckpointStore['latest'] = (...args) => this.inner.latest(...args);
  list: CheckpointStore['list'] = (...args) => this.inner.list(...args);
  delete: CheckpointStore['delete'] = (...args) => this.inner.delete(...args);
  prune: CheckpointStore['prune'] = (...args) => this.inner.prune(...args);
  close: CheckpointStore['close'] = () => this.inner.close();
}

/** B5: the loop with checkpoints in three stores, and a conversation that grows. */
export async function* checkpoints(): AsyncGenerator<string, void> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-bench-'));
  try {
    yield* loopWithStores(folder);
    yield* growingChats();
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface StoreCase {
  readonly name: string;
  readonly supersteps: number;
  readonly create: (round: number) => CheckpointStore | undefined;
  /** Whether the run makes events, which nobody reads. */
  readonly hasEvents?: boolean;
}

async function* loopWithStores(folder: string): AsyncGenerator<string, void> {
  const stores: readonly StoreCase[] = [
    { name: 'none', supersteps: 10_000, create: () => undefined },
    { name: 'memory', supersteps: 10_000, create: () => new MemoryCheckpointStore() },
    { name: 'none, events on', supersteps: 10_000, create: () => undefined, hasEvents: true },
    {
      name: 'memory, events on',
      supersteps: 10_000,
      create: () => new MemoryCheckpointStore(),
      hasEvents: true,
    },
    {
      name: 'file',
      supersteps: 200,
      create: (round) => new FileCheckpointStore(join(folder, `files-${round}`)),
    },
    {
      name: 'SQLite',
      supersteps: 200,
      create: (round) => new SqliteCheckpointStore(join(folder, `${round}.sqlite`)),
    },
  ];
  const taken = new Map<string, number[]>(stores.map(({ name }) => [name, []]));
  for (let round = 0; round < 5; round += 1) {
    for (const { name, supersteps, create, hasEvents = false } of stores) {
      const store = create(round);
      const ms = await timed(() => runLoop(supersteps, store, hasEvents));
      await store?.close();
      taken.get(name)?.push((ms * 1000) / supersteps);
    }
  }
  for (const [name, times] of taken) {
    const each = median(times);
    const base = median(taken.get(name.endsWith('events on') ? 'none, events on' : 'none') ?? []);
    yield `loop, ${name.padEnd(17)} ${digits(each).padStart(8)} µs per superstep  ${(each / base).toFixed(1)}x`;
  }
}

async function runLoop(
  supersteps: number,
  store: CheckpointStore | undefined,
  hasEvents: boolean,
): Promise<void> {
  const options = store === undefined ? {} : { checkpoints: store };
  const workflow = loopOf(supersteps);
  const running = hasEvents ? workflow.stream(0, options).result : workflow.run(0, options);
  const { outputs } = await running;
  if (outputs[0] !== supersteps) throw new Error(`Expected ${supersteps}, got ${outputs[0]}.`);
}

async function* growingChats(): AsyncGenerator<string, void> {
  const chats = [
    [50, WORDS],
    [100, WORDS],
    [200, WORDS],
    [400, WORDS],
    [200, `${WORDS} ${WORDS}`],
  ] as const;
  for (const [messages, words] of chats) {
    const chat = await growChat(messages, words);
    yield `group chat of ${messages} messages of ${words.length} characters: ${digits(chat.bytes / 1024)} KB stored, ${(chat.bytes / chat.transcript).toFixed(1)}x its transcript; ${digits(chat.early)} µs per superstep in its second tenth, ${digits(chat.late)} in its last`;
  }
  for (const messages of [200, 400]) {
    const loop = await growList(messages);
    yield `a list that grows to ${messages} messages: ${digits(loop.bytes / 1024)} KB stored, ${(loop.bytes / loop.transcript).toFixed(1)}x the list`;
  }
}

interface Grown {
  readonly bytes: number;
  readonly transcript: number;
  readonly early: number;
  readonly late: number;
}

/** What one message says; about 550 characters, each other than the ones before. */
const WORDS = 'the plan is sound but the budget needs another look before we go on '
  .repeat(8)
  .trim();

/** A group chat of four agents whose conversation grows to `messages`. */
export async function growChat(messages: number, words: string = WORDS): Promise<Grown> {
  let said = 0;
  const client = instantModel(() => `${(said += 1)}: ${words}`);
  const participants = ['ann', 'bob', 'cleo', 'dan'].map((name) => new Agent({ name, client }));
  const rounds = messages - 1;
  const chat = groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: rounds });
  const store = new CountingStore(new MemoryCheckpointStore());
  const { outputs } = await chat.run('Shall we?', { checkpoints: store });
  const spoken = outputs.flatMap((output) => output.messages);
  if (spoken.length !== rounds)
    throw new Error(`Expected ${rounds} messages, got ${spoken.length}.`);
  return grown(store, JSON.stringify(spoken).length);
}

/** One executor that adds a message of 550 characters to a list at each superstep. */
async function growList(messages: number): Promise<Grown> {
  const grow = defineExecutor(
    'grow',
    (list: readonly string[], { yield: output }): readonly string[] | undefined => {
      if (list.length < messages) return [...list, `${list.length}: ${WORDS}`];
      output(list);
      return undefined;
    },
  );
  const workflow = new WorkflowBuilder({ name: 'growing', start: grow, maxSupersteps: Infinity })
    .addEdge(grow, grow)
    .build() as Workflow;
  const store = new CountingStore(new MemoryCheckpointStore());
  const { outputs } = await workflow.run([], { checkpoints: store });
  return grown(store, JSON.stringify(outputs[0]).length);
}

function grown({ bytes, times }: CountingStore, transcript: number): Grown {
  const steps = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) * 1000);
  const tenth = Math.max(1, Math.floor(steps.length / 10));
  // The very first steps run code that is not compiled yet.
  return {
    bytes,
    transcript,
    early: median(steps.slice(tenth, 2 * tenth)),
    late: median(steps.slice(-tenth)),
  };
}
