import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { sourcesOf } from '../graph/edge-group.ts';
import { type StopReason } from '../graph/workflow-context.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Usage } from '../messages/usage.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type Envelope, INPUT_SOURCE } from './envelope.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';
import { type RunProgress } from './run-record.ts';

/**
 * Takes a decoded value for a snapshot of an instance of this graph, or refuses it.
 *
 * Trusts nothing: whoever can write to the store can write anything. Executors judge their own state later.
 *
 * @throws {CheckpointDecodeError} with the path of what does not fit.
 */
export function parseSnapshot(value: unknown, graph: WorkflowGraph): InstanceSnapshot {
  const fields = recordAt(value, '');
  return {
    graph: listAt(fields['graph'], 'graph').map((line, index) => textAt(line, `graph.${index}`)),
    threadId: textAt(fields['threadId'], 'threadId'),
    superstep: countAt(fields['superstep'], 'superstep'),
    step: countAt(fields['step'], 'step'),
    queue: listAt(fields['queue'], 'queue').map((each, index) =>
      parseEnvelope(each, `queue.${index}`, graph),
    ),
    edgeBuffers: parseBuffers(fields['edgeBuffers'], graph),
    shared: mapAt(fields['shared'], 'shared'),
    pending: listAt(fields['pending'], 'pending').map((each, index) =>
      parseRequest(each, `pending.${index}`, graph),
    ),
    answered: listAt(fields['answered'], 'answered').map((id, index) =>
      textAt(id, `answered.${index}`),
    ),
    executors: parseExecutors(fields['executors'], graph),
    progress: parseProgress(fields['progress']),
  };
}

function parseEnvelope(value: unknown, path: string, graph: WorkflowGraph): Envelope {
  const { sourceId, message, target, request } = recordAt(value, path);
  const source = textAt(sourceId, `${path}.sourceId`);
  if (source !== INPUT_SOURCE) assertExecutor(source, `${path}.sourceId`, graph);
  return {
    sourceId: source,
    message,
    target: target === undefined ? undefined : textAt(target, `${path}.target`),
    request: request === undefined ? undefined : parseRequest(request, `${path}.request`, graph),
  };
}

/** @throws {CheckpointDecodeError} unless the value is a request of an executor of the graph. */
export function parseRequest(value: unknown, path: string, graph: WorkflowGraph): PendingRequest {
  const fields = recordAt(value, path);
  const executorId = textAt(fields['executorId'], `${path}.executorId`);
  assertExecutor(executorId, `${path}.executorId`, graph);
  const inner = fields['path'];
  return {
    id: textAt(fields['id'], `${path}.id`),
    type: textAt(fields['type'], `${path}.type`),
    executorId,
    data: fields['data'],
    responseSchema: recordAt(fields['responseSchema'], `${path}.responseSchema`),
    ...(inner === undefined
      ? {}
      : { path: listAt(inner, `${path}.path`).map((id) => textAt(id, `${path}.path`)) }),
  };
}

function parseBuffers(value: unknown, graph: WorkflowGraph): InstanceSnapshot['edgeBuffers'] {
  const buffers = new Map<string, ReadonlyMap<string, readonly unknown[]>>();
  for (const [groupId, held] of mapAt(value, 'edgeBuffers')) {
    const path = `edgeBuffers.${groupId}`;
    const group = graph.edgeGroups.find(({ id, kind }) => id === groupId && kind === 'fanIn');
    if (group === undefined) throw refused(path, 'a fan-in of the graph', groupId);
    const bySource = new Map<string, readonly unknown[]>();
    for (const [source, messages] of mapAt(held, path)) {
      if (!sourcesOf(group).includes(source)) throw refused(path, 'a source of it', source);
      bySource.set(source, listAt(messages, `${path}.${source}`));
    }
    buffers.set(groupId, bySource);
  }
  return buffers;
}

function parseExecutors(value: unknown, graph: WorkflowGraph): ReadonlyMap<string, unknown> {
  const states = mapAt(value, 'executors');
  for (const id of states.keys()) assertExecutor(id, 'executors', graph);
  return states;
}

function parseProgress(value: unknown): RunProgress {
  const { outputs, intermediates, usage, stopReason } = recordAt(value, 'progress');
  return {
    outputs: listAt(outputs, 'progress.outputs'),
    intermediates: listAt(intermediates, 'progress.intermediates'),
    usage: parseUsage(usage, 'progress.usage'),
    stopReason:
      stopReason === undefined ? undefined : parseStopReason(stopReason, 'progress.stopReason'),
  };
}

/** @throws {CheckpointDecodeError} unless the value is a usage. */
export function parseUsage(value: unknown, path: string): Usage {
  const usage = recordAt(value, path);
  for (const [key, count] of Object.entries(usage)) countAt(count, `${path}.${key}`);
  const { inputTokens, outputTokens, totalTokens, ...optional } = usage;
  return {
    ...optional,
    inputTokens: countAt(inputTokens, `${path}.inputTokens`),
    outputTokens: countAt(outputTokens, `${path}.outputTokens`),
    totalTokens: countAt(totalTokens, `${path}.totalTokens`),
  };
}

/** @throws {CheckpointDecodeError} unless the value is a stop reason. */
export function parseStopReason(value: unknown, path: string): StopReason {
  const { code, detail } = recordAt(value, path);
  const reason = { code: textAt(code, `${path}.code`) };
  return detail === undefined ? reason : { ...reason, detail: textAt(detail, `${path}.detail`) };
}

function assertExecutor(id: string, path: string, graph: WorkflowGraph): void {
  if (!graph.executors.has(id)) throw refused(path, 'an executor of the graph', id);
}

/** @throws {CheckpointDecodeError} unless the value is an object with string keys. */
export function recordAt(value: unknown, path: string): Record<string, unknown> {
  if (isRecord(value) && !(value instanceof Map) && !(value instanceof Set)) return value;
  throw refused(path, 'an object', value);
}

/** @throws {CheckpointDecodeError} unless the value is a list. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refused(path, 'a list', value);
}

/** @throws {CheckpointDecodeError} unless the value is a text. */
export function textAt(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw refused(path, 'a text', value);
}

/** @throws {CheckpointDecodeError} unless the value is a whole number, 0 or more. */
export function countAt(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw refused(path, 'a whole number, 0 or more', value);
}

function mapAt(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (!(value instanceof Map)) throw refused(path, 'a map', value);
  const entries: [string, unknown][] = Array.from(value, ([key, item]: [unknown, unknown]) => [
    textAt(key, path),
    item,
  ]);
  return new Map(entries);
}

function refused(path: string, expected: string, got: unknown): CheckpointDecodeError {
  return new CheckpointDecodeError(`expected ${expected}, got ${describeValue(got)}`, { path });
}
