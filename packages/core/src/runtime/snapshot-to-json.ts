import { type EncodingWalk } from '../checkpoint/value-encoder.ts';
import { type JsonObject } from '../primitives/json.ts';
import { type Envelope } from './envelope.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';

/**
 * A snapshot as JSON, which `parseSnapshot` reads once it is decoded.
 *
 * Its own shape is known here, so that only what users put into it is looked at.
 */
export function snapshotToJson(snapshot: InstanceSnapshot, walk: EncodingWalk): JsonObject {
  const { progress } = snapshot;
  return {
    graph: walk.at('graph', snapshot.graph),
    threadId: snapshot.threadId,
    superstep: snapshot.superstep,
    step: snapshot.step,
    queue: walk.each('queue', snapshot.queue, envelopeToJson),
    edgeBuffers: walk.at('edgeBuffers', snapshot.edgeBuffers),
    shared: walk.at('shared', snapshot.shared),
    pending: walk.at('pending', snapshot.pending),
    answered: walk.at('answered', snapshot.answered),
    executors: walk.at('executors', snapshot.executors),
    progress: {
      outputs: walk.at('progress.outputs', progress.outputs),
      intermediates: walk.at('progress.intermediates', progress.intermediates),
      usage: walk.at('progress.usage', progress.usage),
      stopReason: walk.at('progress.stopReason', progress.stopReason),
    },
  };
}

function envelopeToJson(envelope: Envelope, walk: EncodingWalk): JsonObject {
  const { sourceId, target, request } = envelope;
  const source = walk.encode(sourceId);
  const message = walk.at('message', envelope.message);
  if (target === undefined) return { sourceId: source, message };
  const to = walk.encode(target);
  if (request === undefined) return { sourceId: source, message, target: to };
  return { sourceId: source, message, target: to, request: walk.at('request', request) };
}
