import { describe, expect, it } from 'vitest';

import { WorkflowBusyError } from '../errors/workflow-errors.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { systemClock } from '../primitives/clock.ts';
import { createId } from '../primitives/ids.ts';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { Runner } from './runner.ts';

const echo = defineExecutor('echo').on(String, (text, ctx) => ctx.yield(text));

function createRunner(): Runner {
  const { graph } = new WorkflowBuilder({ name: 'one', start: echo }).build();
  const options = {
    maxSupersteps: 10,
    maxConcurrency: undefined,
    graceMs: 10,
    logger: createRecordingLogger(),
    clock: systemClock,
    ids: createId,
    checkpoints: undefined,
    onCheckpointFailure: 'fail' as const,
  };
  return new Runner(graph, options, undefined);
}

describe('Runner', () => {
  it('R1: refuses a second reservation', () => {
    const runner = createRunner();
    runner.reserve();

    expect(() => runner.reserve()).toThrow(WorkflowBusyError);
  });

  it('R1: ignores a release by somebody who does not hold the reservation', () => {
    const runner = createRunner();
    const former = runner.reserve();
    runner.release(former);
    runner.reserve();

    runner.release(former);

    expect(() => runner.reserve()).toThrow(WorkflowBusyError);
  });

  it('R1: may be released twice', () => {
    const runner = createRunner();
    const reservation = runner.reserve();
    runner.release(reservation);

    runner.release(reservation);

    expect(() => runner.reserve()).not.toThrow();
  });

  it('refuses to be reset while it is reserved', async () => {
    const runner = createRunner();
    runner.reserve();

    await expect(runner.resetForNewRun()).rejects.toThrow(WorkflowBusyError);
  });

  it('counts its resets as epochs', async () => {
    const runner = createRunner();
    await runner.resetForNewRun();

    await runner.resetForNewRun();

    expect(runner.context.epoch).toBe(2);
  });
});
