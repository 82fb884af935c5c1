import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { failingStore } from '../../test/failing-store.ts';
import {
  buildConversation,
  type ConversationSpec,
  conversationSpecs,
  type Interference,
} from '../../test/random-conversation.ts';
import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { ChainWriter } from '../checkpoint/state-chain.ts';
import { type WorkflowCheckpoint } from '../checkpoint/workflow-checkpoint.ts';
import { ColloquyError } from '../errors/colloquy-error.ts';
import { type PendingRequest } from '../events/workflow-event.ts';
import { type Workflow } from './workflow.ts';
import { type WorkflowResult } from './workflow-result.ts';

type Input = { readonly value: number; readonly left: number };

/** What is said to a conversation: an input, and which of the questions that wait are answered each time. */
interface Script {
  readonly input: Input;
  /** Bit i answers the i-th question; 0 answers all of them. */
  readonly masks: readonly number[];
}

const scripts: fc.Arbitrary<Script> = fc.record({
  input: fc.record({ value: fc.nat(5), left: fc.nat({ max: 4 }) }),
  masks: fc.array(fc.nat({ max: 15 }), { minLength: 1, maxLength: 6 }),
});

const quiet = (): Interference => ({ before: () => undefined });

/** How often answers are given before a conversation is left. */
const MOST_ROUNDS = 6;

function answersTo(requests: readonly PendingRequest[], mask: number): Record<string, number> {
  const chosen = requests.filter((_, index) => mask === 0 || (mask >> (index % 4)) % 2 === 1);
  const answered = chosen.length === 0 ? requests : chosen;
  return Object.fromEntries(answered.map(({ id }, index) => [id, index + 1]));
}

/** What a conversation came to, call by call. */
interface Observed {
  readonly outputs: readonly (readonly unknown[])[];
  /** What was asked in all, each question once. */
  readonly asked: readonly unknown[];
  readonly pending: readonly unknown[];
}

/** Keeps what a conversation comes to, and checks what holds after every call. */
class Observer {
  readonly #outputs: (readonly unknown[])[] = [];
  readonly #asked = new Map<string, unknown>();
  #pending: readonly unknown[] = [];

  add(workflow: Workflow<Input>, result: WorkflowResult): void {
    const { state, pendingRequests } = result;
    const expected = pendingRequests.length > 0 ? 'idle_with_pending_requests' : 'idle';
    if (workflow.status !== expected || state !== expected)
      throw new Error(`Expected ${expected}, got ${workflow.status} and ${state}.`);
    this.#outputs.push(result.outputs);
    for (const { id, data } of pendingRequests) this.#asked.set(id, data);
    this.#pending = pendingRequests.map(({ data }) => data);
  }

  get observed(): Observed {
    return { outputs: this.#outputs, asked: [...this.#asked.values()], pending: this.#pending };
  }
}

/** Follows a script with nothing in the way; gives the result of every call too. */
async function follow(
  workflow: Workflow<Input>,
  { input, masks }: Script,
): Promise<{ readonly observed: Observed; readonly results: readonly WorkflowResult[] }> {
  const observer = new Observer();
  const first = await workflow.run(input);
  observer.add(workflow, first);
  const results = [first];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const pending = results.at(-1)?.pendingRequests ?? [];
    if (pending.length === 0) break;
    const responses = answersTo(pending, masks[round % masks.length] ?? 0);
    const result = await workflow.resume({ responses });
    observer.add(workflow, result);
    results.push(result);
  }
  return { observed: observer.observed, results };
}

/** Where and how a conversation is interrupted. */
interface Trouble {
  /** At which calls of a handler, counted over the whole conversation, and how. */
  readonly interrupts: readonly { readonly at: number; readonly kind: 'throw' | 'cancel' }[];
  /** At which calls the store fails. */
  readonly storeCalls: readonly number[];
  /** Whether it is gone on with in another instance. */
  readonly elsewhere: boolean;
}

const troubles: fc.Arbitrary<Trouble> = fc.record({
  interrupts: fc.array(
    fc.record({
      at: fc.integer({ min: 1, max: 40 }),
      kind: fc.constantFrom<'throw' | 'cancel'>('throw', 'cancel'),
    }),
    { maxLength: 4 },
  ),
  storeCalls: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
  elsewhere: fc.boolean(),
});

/** A conversation that is interrupted and gone on with until it has come to where the script leads. */
class TroubledConversation {
  readonly #spec: ConversationSpec;
  readonly #trouble: Trouble;
  readonly #store: CheckpointStore;
  readonly #observer = new Observer();
  readonly #interference = quiet();
  #abort = new AbortController();
  #workflow: Workflow<Input>;

  constructor(spec: ConversationSpec, trouble: Trouble) {
    this.#spec = spec;
    this.#trouble = trouble;
    this.#store = failingStore(new MemoryCheckpointStore(), trouble.storeCalls);
    this.#workflow = this.#build();
    let calls = 0;
    this.#interference.before = () => {
      calls += 1;
      const interrupt = trouble.interrupts.find(({ at }) => at === calls);
      if (interrupt?.kind === 'throw') throw new Error('interrupted');
      if (interrupt?.kind === 'cancel') this.#abort.abort(new Error('cancelled'));
    };
  }

  async follow({ input, masks }: Script): Promise<Observed> {
    let result = await this.#start(input);
    this.#observer.add(this.#workflow, result);
    for (let round = 0; round < MOST_ROUNDS && result.pendingRequests.length > 0; round += 1) {
      result = await this.#answer(
        result.pendingRequests,
        answersTo(result.pendingRequests, masks[round % masks.length] ?? 0),
      );
      this.#observer.add(this.#workflow, result);
    }
    return this.#observer.observed;
  }

  async #start(input: Input): Promise<WorkflowResult> {
    for (;;) {
      const ran = await this.#attempt((signal) => this.#workflow.run(input, { signal }));
      if (ran !== undefined) return ran;
      const resumed = await this.#recover();
      if (resumed !== undefined) return resumed;
    }
  }

  /** Gives answers until they have been taken, whatever comes between. */
  async #answer(
    pending: readonly PendingRequest[],
    responses: Record<string, number>,
  ): Promise<WorkflowResult> {
    for (;;) {
      const ran = await this.#attempt((signal) => this.#workflow.resume({ responses, signal }));
      if (ran !== undefined) return ran;
      const resumed = await this.#recover();
      const wasTaken = resumed?.pendingRequests.every(({ id }) => !Object.hasOwn(responses, id));
      if (resumed !== undefined && wasTaken === true) return resumed;
      // The answers had not reached the store: everything waits as it did.
      const waiting = resumed?.pendingRequests ?? [];
      if (waiting.map(({ id }) => id).join() !== pending.map(({ id }) => id).join())
        throw new Error('Expected everything to wait as before.');
    }
  }

  /** Goes on from the last checkpoint; `undefined` where there is none yet. */
  async #recover(): Promise<WorkflowResult | undefined> {
    for (;;) {
      const latest = await this.#attempt(() => this.#store.latest('conversation', 'thread'));
      if (latest === undefined && !this.#failed) {
        this.#workflow = this.#build();
        return undefined;
      }
      if (this.#trouble.elsewhere) this.#workflow = this.#build();
      const result = await this.#attempt((signal) =>
        this.#workflow.resume({ threadId: 'thread', signal }),
      );
      if (result !== undefined) return result;
    }
  }

  #failed = false;

  /** Every error is one of ours, or what the run was cancelled with. */
  async #attempt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.#abort = new AbortController();
    this.#failed = false;
    try {
      return await work(this.#abort.signal);
    } catch (error) {
      this.#failed = true;
      const isOurs = ColloquyError.isInstance(error) || this.#abort.signal.aborted;
      const isStores = error instanceof Error && error.message.startsWith('the store failed');
      if (!isOurs && !isStores) throw error;
      return undefined;
    }
  }

  #build(): Workflow<Input> {
    return buildConversation(this.#spec, this.#interference, this.#store);
  }
}

async function checkpointsOf(store: MemoryCheckpointStore): Promise<WorkflowCheckpoint[]> {
  const checkpoints: WorkflowCheckpoint[] = [];
  for await (const { id } of store.list()) checkpoints.push(await store.load(id));
  return checkpoints;
}

describe('a random conversation', () => {
  it('comes to the same, however it is interrupted, with no question lost or asked twice', async () => {
    await fc.assert(
      fc.asyncProperty(conversationSpecs, scripts, troubles, async (spec, script, trouble) => {
        const whole = await follow(buildConversation(spec, quiet()), script);

        const observed = await new TroubledConversation(spec, trouble).follow(script);

        expect(observed).toEqual(whole.observed);
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the same from any of its checkpoints, which stay as they are', async () => {
    await fc.assert(
      fc.asyncProperty(conversationSpecs, scripts, fc.nat(), async (spec, script, choice) => {
        const store = new MemoryCheckpointStore();
        const { results } = await follow(buildConversation(spec, quiet(), store), script);
        const before = await checkpointsOf(store);
        const chosen = before[choice % before.length];
        const begun = results.findIndex(({ runId }) => runId === chosen?.runId);

        const branch = buildConversation(spec, quiet(), store);
        let result = await branch.resume({ checkpointId: chosen?.id });
        const resumed = [result];
        for (let round = begun; round < results.length - 1; round += 1) {
          const mask = script.masks[round % script.masks.length] ?? 0;
          result = await branch.resume({ responses: answersTo(result.pendingRequests, mask) });
          resumed.push(result);
        }

        const comparable = ({ outputs, pendingRequests, state }: WorkflowResult): unknown => ({
          outputs,
          pending: pendingRequests.map(({ data }) => data),
          state,
        });
        expect(resumed.map(comparable)).toEqual(results.slice(begun).map(comparable));
        expect((await checkpointsOf(store)).slice(0, before.length)).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('has checkpoints that say the same when they are read and written again', async () => {
    await fc.assert(
      fc.asyncProperty(conversationSpecs, scripts, async (spec, script) => {
        const store = new MemoryCheckpointStore();
        await follow(buildConversation(spec, quiet(), store), script);

        for await (const { id } of store.list()) {
          const chain = await store.loadChain(id);
          const { value } = ChainWriter.resume(chain.map(({ state }) => state));
          const { state } = new ChainWriter().write(value).stored;

          expect(ChainWriter.resume([state]).value).toEqual(value);
        }
      }),
      { numRuns: 50 },
    );
  });
});
