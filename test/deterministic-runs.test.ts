import {
  Agent,
  type ChatClient,
  defineExecutor,
  eventToJson,
  MemoryCheckpointStore,
  subWorkflow,
  WorkflowBuilder,
} from '@colloquy/core';
import { concurrent } from '@colloquy/orchestrations';
import {
  chunks,
  countedIds,
  faulty,
  scripted,
  seededScheduler,
  virtualClock,
} from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

const NAMES = ['ann', 'bob', 'cid'];

/** Everything that a run of three beside each other tells, ids and times included. */
async function traceOf(wrap: (client: ChatClient) => ChatClient): Promise<readonly string[]> {
  const ids = countedIds();
  const clock = virtualClock();
  const participants = NAMES.map((name) => {
    const client = wrap(scripted([chunks(`${name} `, 'says ', 'so')]));
    return new Agent({ name, client, ids });
  });
  const checkpoints = new MemoryCheckpointStore();
  const run = concurrent({ name: 'team', participants, ids, clock, checkpoints }).stream('go');
  const lines: string[] = [];
  for await (const event of run) lines.push(JSON.stringify(eventToJson(event)));
  lines.push(JSON.stringify(await run.result));
  for await (const head of checkpoints.list()) lines.push(JSON.stringify(head));
  return lines;
}

describe('a run', () => {
  it('is the same to the last byte with its own ids, clock and schedule', async () => {
    const traceBy = (seed: number) => {
      const scheduler = seededScheduler(seed);
      return traceOf((client) => scheduler.client(client));
    };
    const traces = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const trace = await traceBy(seed);
      expect(await traceBy(seed)).toEqual(trace);
      traces.add(trace.join('\n'));
    }

    expect(traces.size).toBeGreaterThan(15);
  });

  it('comes to the same under every schedule', async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const scheduler = seededScheduler(seed);
      const trace = await traceOf((client) => scheduler.client(client));
      outcomes.add(trace.findLast((line) => line.includes('stopReason')) ?? '');
    }

    expect(outcomes.size).toBe(1);
  });

  it('waits for slow models in no time', async () => {
    const clock = virtualClock();
    const slow = (name: string, delayMs: number): Agent => {
      const client = faulty(scripted([name]), { plan: ['slow-start'], clock, delayMs });
      return new Agent({ name, client });
    };
    const participants = [slow('ann', 3_600_000), slow('bob', 60_000)];
    const first = concurrent({ name: 'race', participants, mode: 'first', clock });
    const { outputs } = await clock.runUntil(first.run('go'));

    expect(outputs.map(({ text }) => text)).toEqual(['bob']);
    expect(clock.now()).toBe(60_000);
  });

  it('leaves behind what ignores its cancellation, after the grace time', async () => {
    const clock = virtualClock();
    const begun = Promise.withResolvers<void>();
    const deaf = defineExecutor('deaf', () => {
      begun.resolve();
      return new Promise<void>(() => {});
    });
    const inner = new WorkflowBuilder({ name: 'inner', start: deaf, clock, graceMs: 700 }).build();
    const outer = new WorkflowBuilder({
      name: 'outer',
      start: subWorkflow(inner, { id: 'inner' }),
      clock,
    }).build();
    const run = outer.stream('go');
    await begun.promise;
    await clock.runUntil(run.cancel('enough'));

    await expect(run.result).rejects.toMatchObject({ code: 'workflow/cancelled' });
    expect(clock.now()).toBe(700);
  });

  it('refuses a clock and an id source that are none', () => {
    const start = defineExecutor('a', (text: string) => text);
    const options: object = { clock: { now: 1 }, ids: 'x' };

    expect(() => new WorkflowBuilder({ name: 'w', start, ...options }).build()).toThrow(
      /option clock to be \{ now, schedule \}[\s\S]*option ids to be a function/,
    );
  });
});
