/**
 * Drives a workflow to its end, from wherever its thread stands, and prints what it came to; or dies at a point.
 *
 * Arguments: the workflow, the folder, the kind of crash, the write it happens at.
 */
import { join } from 'node:path';

import { type CheckpointStore, type Workflow, type WorkflowResult } from '@colloquy/core';
import { FileCheckpointStore } from '@colloquy/core/node';

import { CRASH_KINDS, withCrash } from './crash-point.ts';
import { CRASHING_WORKFLOWS, THREAD } from './crashing-workflows.ts';

const [name = '', folder = '', kindName = '', write = '0'] = process.argv.slice(2);
const build = CRASHING_WORKFLOWS[name];
const kind = CRASH_KINDS.find((each) => each === kindName);
if (build === undefined || kind === undefined) throw new Error(`Expected a workflow, got ${name}.`);

const { store, writes } = withCrash(new FileCheckpointStore(join(folder, 'store')), {
  kind,
  write: Number(write),
});
const workflow = build({ folder, store });

try {
  const result = await drive(workflow, store);
  console.log(JSON.stringify({ state: result.state, outputs: result.outputs, writes: writes() }));
} catch (error) {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  console.log(JSON.stringify({ code: String(code), message: String(error), writes: writes() }));
}

async function drive(
  instance: Workflow<string>,
  checkpoints: CheckpointStore,
): Promise<WorkflowResult> {
  const latest = await checkpoints.latest(instance.name, THREAD);
  const result =
    latest === undefined
      ? await instance.run('all of it')
      : await instance.resume({ threadId: THREAD });
  if (result.pendingRequests.length === 0) return result;
  const answers = result.pendingRequests.map(({ id }) => [id, { approve: true }] as const);
  return instance.resume({ responses: Object.fromEntries(answers) });
}
