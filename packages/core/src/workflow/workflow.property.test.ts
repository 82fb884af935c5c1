import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRecordingLogger } from '../../test/recording-logger.ts';
import { buildWorkflow, type Interference, workflowSpecs } from '../../test/random-workflow.ts';
import { type PlainEvent, withoutStamp } from '../../test/run-events.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { type Workflow } from './workflow.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

/** Waits for some microtasks, or, from six on, for a turn of the event loop. */
async function delay(turns: number): Promise<void> {
  if (turns >= 6) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    return;
  }
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

interface Observation {
  readonly outputs: readonly unknown[];
  readonly perExecutor: Readonly<Record<string, readonly PlainEvent[]>>;
  readonly engine: readonly PlainEvent[];
}

/** What must not depend on timing: everything but how the events of different executors interleave. */
async function observe(workflow: Workflow, input: number): Promise<Observation> {
  const stream = workflow.stream(input);
  const perExecutor: Record<string, PlainEvent[]> = {};
  const engine: PlainEvent[] = [];
  for await (const event of stream) {
    const plain = withoutStamp(event);
    const { executorId } = plain;
    if (typeof executorId === 'string') (perExecutor[executorId] ??= []).push(plain);
    else engine.push(plain);
  }
  const { outputs } = await stream.result;
  return { outputs, perExecutor, engine };
}

const quiet = (): Interference => ({ before: () => undefined });

describe('a random workflow of twenty executors', () => {
  it('gives the same outputs, shared values and events per executor however long its handlers wait', async () => {
    await fc.assert(
      fc.asyncProperty(
        workflowSpecs,
        fc.nat(50),
        fc.array(fc.nat({ max: 7 }), { minLength: 7, maxLength: 23 }),
        async (spec, input, delays) => {
          let call = 0;
          const slow: Interference = {
            before: () => {
              call += 1;
              return delay(delays[call % delays.length] ?? 0);
            },
          };

          const observed = await observe(buildWorkflow(spec, slow), input);

          expect(observed).toEqual(await observe(buildWorkflow(spec, quiet()), input));
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** How the run before a reset comes to its end. */
type Ending = 'whole' | 'failure' | 'cancel' | 'left' | 'unread';

interface EarlierRun {
  readonly input: number;
  readonly ending: Ending;
  /** The call of a handler, or the event, at which it ends. */
  readonly at: number;
}

/** Runs an input, and ends the run at the given call of a handler in the given way. */
async function runUntil(
  workflow: Workflow,
  interference: Interference,
  { input, ending, at }: EarlierRun,
): Promise<void> {
  let calls = 0;
  const onCall: { act: () => unknown } = { act: () => undefined };
  interference.before = () => {
    calls += 1;
    return calls === at ? onCall.act() : undefined;
  };
  const stream = workflow.stream(input);
  if (ending === 'cancel') {
    onCall.act = () => {
      // The run's own end is awaited below.
      void stream.cancel('interrupted');
    };
  }
  if (ending === 'failure') {
    onCall.act = () => {
      throw new Error('interrupted');
    };
  }
  if (ending === 'left') for await (const { seq } of stream) if (seq >= at) break;
  await stream.result.catch(() => {});
  interference.before = () => undefined;
}

async function allEvents(workflow: Workflow, input: number): Promise<PlainEvent[]> {
  const events: PlainEvent[] = [];
  for await (const event of workflow.stream(input)) events.push(withoutStamp(event));
  return events;
}

describe('a reset', () => {
  it('leaves nothing behind: the next run tells what a new instance would', async () => {
    const runs = fc.array(
      fc.record({
        input: fc.nat(50),
        ending: fc.constantFrom<Ending>('whole', 'failure', 'cancel', 'left', 'unread'),
        at: fc.integer({ min: 1, max: 30 }),
      }),
      { minLength: 1, maxLength: 3 },
    );

    await fc.assert(
      fc.asyncProperty(workflowSpecs, runs, fc.nat(50), async (spec, before, input) => {
        const interference = quiet();
        const workflow = buildWorkflow(spec, interference);
        for (const earlier of before) await runUntil(workflow, interference, earlier);
        await workflow.resetForNewRun();

        const events = await allEvents(workflow, input);

        expect(events).toEqual(await allEvents(buildWorkflow(spec, quiet()), input));
      }),
      { numRuns: 100 },
    );
  });

  it('is needed: without it state goes on', async () => {
    const [spec] = fc.sample(workflowSpecs, { numRuns: 1, seed: 1 });
    if (spec === undefined) throw new Error('Expected a sample.');
    const workflow = buildWorkflow(spec, quiet());
    const first = await allEvents(workflow, 3);

    const second = await allEvents(workflow, 3);

    expect(second).not.toEqual(first);
  });
});

describe('a fork', () => {
  it('tells what a new instance would', async () => {
    const counting = defineExecutor('counting', { state: () => ({ count: 0 }) }).on(
      Number,
      (value, ctx) => {
        ctx.state.count += value;
        ctx.yield(ctx.state.count);
        ctx.shared.set('last', value);
      },
    );
    const logger = createRecordingLogger();
    const build = () => new WorkflowBuilder({ name: 'fork', start: counting, logger }).build();

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), fc.nat(), async (inputs, input) => {
        const workflow = build();
        for (const each of inputs) await workflow.run(each);

        const { outputs } = await workflow.fork().run(input);

        expect(outputs).toEqual((await build().run(input)).outputs);
      }),
    );
  });
});
