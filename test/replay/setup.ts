/**
 * The "replay everything" mode: after each superstep the instance's state is encoded, passed through JSON text, decoded,
 * and driven on. What a checkpoint could not carry stays as it is, as it would without a store.
 */
import { CheckpointEncodeError } from '@colloquy/core';

import { ChainWriter } from '../../packages/core/src/checkpoint/state-chain.ts';
import { type JsonValue } from '../../packages/core/src/primitives/json.ts';
import { setBetweenSupersteps } from '../../packages/core/src/runtime/between-supersteps.ts';
import { boundaryOf } from '../../packages/core/src/runtime/instance-snapshot.ts';
import { parseSnapshot } from '../../packages/core/src/runtime/parse-snapshot.ts';
import { snapshotToJson } from '../../packages/core/src/runtime/snapshot-to-json.ts';
import { takeSnapshot } from '../../packages/core/src/runtime/take-snapshot.ts';

setBetweenSupersteps(async (context, progress) => {
  try {
    const written = new ChainWriter().write(await takeSnapshot(context, progress), snapshotToJson);
    const state: JsonValue = JSON.parse(JSON.stringify(written.stored.state));
    const snapshot = parseSnapshot(ChainWriter.resume([state]).value, context.graph);
    context.advance(boundaryOf(snapshot));
    for (const [id, saved] of snapshot.executors)
      await context.executors.get(id)?.onCheckpointRestore(saved);
  } catch (error) {
    if (!CheckpointEncodeError.isInstance(error)) throw error;
  }
});
