import {
  type AgentResponse,
  type Content,
  type FunctionResultContent,
  MemoryCheckpointStore,
  textOf,
  type WorkflowResult,
  type WorkflowRun,
} from '@colloquy/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { answersTo, createWorld, type World, type WorldRequest } from '../../test/handoff-world.ts';
import { interruptions, shownBy } from '../../test/interrupted-runs.ts';
import { maxMessages } from '../termination/max-messages.ts';
import { HandoffEvent } from './handoff-messages.ts';
import { type HandoffOptions } from './handoff.ts';

/** The kinds of teams; what they keep beside the transcript differs. */
const settings = {
  plain: () => ({}),
  autonomous: () => ({ autonomous: { maxTurns: 2 } }),
  returning: () => ({ returnToPrevious: true, routes: { ann: ['ben'], ben: ['cy'], cy: ['ann'] } }),
  until: () => ({ until: maxMessages(7), maxHandoffs: 5 }),
} satisfies Record<string, () => Partial<HandoffOptions>>;

const settingArbitrary = fc.constantFrom(...(Object.keys(settings) as (keyof typeof settings)[]));

type Run = WorkflowRun<AgentResponse>;

/** Runs an input and answers all that is asked, for a few turns. */
async function converse<T>(
  { team }: World,
  input: string,
  see: (run: Run) => Promise<T>,
): Promise<readonly T[]> {
  const seen: T[] = [];
  let run: Run = team.stream(input);
  for (let turn = 0; ; turn += 1) {
    seen.push(await see(run));
    const asked = (await run.result.catch(() => undefined))?.pendingRequests ?? [];
    if (asked.length === 0 || turn === 5) return seen;
    run = team.streamResume({ responses: answersTo(asked, { input, turn }) });
  }
}

/** What a conversation shows and what models were sent, without the ids of sessions and requests. */
async function observe(world: World, input: string): Promise<unknown> {
  const first = world.requests.length;
  const shown = await converse(world, input, shownBy);
  const made = world.requests.slice(first);
  const sessions = [...new Set(made.map(({ request }) => request.sessionId))];
  const requests = made.map(({ agent, request: { sessionId, ...request } }) => ({
    agent,
    session: sessions.indexOf(sessionId),
    request,
  }));
  return withoutIds({ shown, requests });
}

/** Ids that are made up are told apart by their order. */
function withoutIds(value: unknown): unknown {
  const ids = new Map<string, string>();
  const json = JSON.stringify(value).replaceAll(/req_[0-9a-z]+_[0-9a-z]+/g, (id) => {
    const known = ids.get(id) ?? `request ${ids.size}`;
    ids.set(id, known);
    return known;
  });
  return JSON.parse(json);
}

describe('for any two inputs A and B, interrupted anywhere', () => {
  it.each(Object.keys(settings) as (keyof typeof settings)[])(
    'run(A), reset, run(B) is run(B) with a new team: %s',
    async (setting) => {
      const text = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('A', 'ann', 'ben 3'));
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            seed: fc.integer({ min: 0, max: 500 }),
            inputA: text,
            inputB: text,
            hasHistory: fc.boolean(),
            way: fc.constantFrom(...(Object.keys(interruptions) as (keyof typeof interruptions)[])),
            at: fc.integer({ min: 1, max: 60 }),
            failAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
          }),
          async ({ seed, inputA, inputB, hasHistory, way, at, failAt }) => {
            const used = createWorld(seed, settings[setting]());
            used.failAt = failAt;
            if (hasHistory) await converse(used, 'before', ({ result }) => result.catch(() => {}));
            await interruptions[way](used.team, inputA, at);
            used.failAt = undefined;

            await used.team.resetForNewRun();

            const fresh = createWorld(seed, settings[setting]());
            expect(await observe(used, inputB)).toEqual(await observe(fresh, inputB));
          },
        ),
        { numRuns: 100 },
      );
    },
    60_000,
  );
});

describe('for any conversation', () => {
  const anyTeam = { seed: fc.nat(), setting: settingArbitrary };
  const anyConversation = fc.record({ ...anyTeam, inputs: fc.integer({ min: 1, max: 3 }) });

  it('models are sent each message once, and each call with its one result', async () => {
    await fc.assert(
      fc.asyncProperty(anyConversation, async ({ seed, setting, inputs }) => {
        const world = createWorld(seed, settings[setting]());

        for (let index = 0; index < inputs; index += 1)
          await converse(world, `input ${index}`, ({ result }) => result);

        for (const request of world.requests) assertProper(request);
      }),
      { numRuns: 150 },
    );
  });

  it('models are sent each message once also where runs are left', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyConversation,
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
        async ({ seed, setting }, places) => {
          const world = createWorld(seed, settings[setting]());

          for (const [index, at] of places.entries())
            await interruptions.break(world.team, `left ${index}`, at);
          await converse(world, 'input', ({ result }) => result);

          for (const request of world.requests) assertProper(request);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('every run ends for a reason, after at most as many handoffs as are allowed', async () => {
    await fc.assert(
      fc.asyncProperty(anyConversation, async ({ seed, setting }) => {
        const world = createWorld(seed, settings[setting]());

        const runs = await converse(world, 'input', async (run) => {
          let handoffs = 0;
          for await (const event of run) if (HandoffEvent.is(event)) handoffs += 1;
          return { handoffs, ...(await run.result) };
        });

        for (const { handoffs, stopReason, pendingRequests } of runs) {
          expect(['completed', 'until', 'maxHandoffs']).toContain(stopReason.code);
          expect(handoffs).toBeLessThanOrEqual(setting === 'until' ? 5 : 3);
          const isEnded = stopReason.code !== 'completed' || stopReason.detail !== undefined;
          expect(isEnded || pendingRequests.length > 0).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('any checkpoint goes on elsewhere as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(anyTeam), async ({ seed, setting }) => {
        const store = new MemoryCheckpointStore();
        const options = { ...settings[setting](), checkpoints: store };
        const ends: unknown[] = [];
        const saved: string[][] = [];
        await converse(createWorld(seed, options), 'input', async ({ result }) => {
          const end = await result;
          const known = new Set(saved.flat());
          ends.push(endOf(end));
          saved.push((await idsIn(store)).filter((id) => !known.has(id)));
        });

        for (const [index, ids] of saved.entries()) {
          for (const checkpointId of ids) {
            const { team } = createWorld(seed, options);
            const resumed = await team.resume({ checkpointId });
            expect(endOf(resumed)).toEqual(ends[index]);
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** What a run has come to. */
function endOf({ outputs, pendingRequests, stopReason }: WorkflowResult<AgentResponse>): unknown {
  return {
    outputs: outputs.map(({ agentName, text }) => [agentName, text]),
    pending: pendingRequests.map(({ type, data }) => [type, data]),
    stopReason,
  };
}

async function idsIn(store: MemoryCheckpointStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of store.list()) ids.push(id);
  return ids;
}

/** What the orchestrator says itself may come again. */
const INSTRUCTION = /^The user has not answered|has handed the conversation over to you/;

/** A request as it must be: nothing twice, every call of the agent's own, and with one result that is known. */
function assertProper({ agent, request: { messages } }: WorldRequest): void {
  const texts = messages.map(textOf).filter((text) => text !== '' && !INSTRUCTION.test(text));
  expect(texts).toEqual([...new Set(texts)]);
  const calls = messages.flatMap(({ contents, authorName }) =>
    contents.flatMap((content) =>
      content.type === 'function_call' ? [[content.callId, authorName]] : [],
    ),
  );
  const results = messages.flatMap(({ contents }) => contents.filter(isResult));
  // What the present run has added has no author yet.
  expect(new Set(calls.map(([, authorName = agent]) => authorName))).toEqual(
    new Set(calls.length === 0 ? [] : [agent]),
  );
  expect(calls.map(([callId]) => callId)).toEqual([...new Set(calls.map(([callId]) => callId))]);
  expect(results).toHaveLength(calls.length);
  expect(new Set(results.map(({ callId }) => callId))).toEqual(
    new Set(calls.map(([callId]) => callId)),
  );
  expect(JSON.stringify(results)).not.toContain('No result of this call is known');
  expect(messages.length).toBeGreaterThan(0);
}

function isResult(content: Content): content is FunctionResultContent {
  return content.type === 'function_result';
}
