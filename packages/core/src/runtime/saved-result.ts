import { type SavedResult } from '../checkpoint/checkpoint-store.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type JsonValue } from '../primitives/json.ts';
import { type SharedWrite } from '../state/shared-state.ts';
import { type ExecutorResult } from './executor-call.ts';
import {
  countAt,
  listAt,
  parseRequest,
  parseStopReason,
  parseUsage,
  recordAt,
  textAt,
} from './parse-snapshot.ts';
import { type FinishedSteps, STEP_PREFIX } from './step-results.ts';

/** What an executor's finished part of an unfinished superstep came to, with its state after it. */
export interface FinishedPart {
  /** Which superstep of the conversation. */
  readonly step: number;
  readonly result: ExecutorResult;
  readonly state: unknown;
}

/** A part as values that the codecs can carry. */
export function partToValue({ step, result, state }: FinishedPart): unknown {
  const { messages, yields, sharedWrites, requests, usage, stopReason } = result;
  return {
    step,
    messages: messages.map(({ message, target }) => ({ message, target })),
    yields: yields.map(({ data }) => data),
    sharedWrites,
    requests,
    usage,
    stopReason,
    state,
  };
}

/**
 * Reads what `partToValue` made.
 *
 * @throws {CheckpointDecodeError} when the value is something else.
 */
export function parsePart(value: unknown, executorId: string, graph: WorkflowGraph): FinishedPart {
  const path = `results.${executorId}`;
  const fields = recordAt(value, path);
  const { step, state, usage, stopReason } = fields;
  return {
    step: countAt(step, `${path}.step`),
    state,
    result: {
      executorId,
      messages: listAt(fields['messages'], path).map((each) => {
        const { message, target: to } = recordAt(each, path);
        const target = to === undefined ? undefined : textAt(to, path);
        return { sourceId: executorId, message, target };
      }),
      yields: listAt(fields['yields'], path).map((data) => ({ executorId, data })),
      sharedWrites: listAt(fields['sharedWrites'], path).map((each) => parseWrite(each, path)),
      requests: listAt(fields['requests'], path).map((each) => parseRequest(each, path, graph)),
      usage: usage === undefined ? undefined : parseUsage(usage, path),
      stopReason: stopReason === undefined ? undefined : parseStopReason(stopReason, path),
      failure: undefined,
    },
  };
}

function parseWrite(value: unknown, path: string): SharedWrite {
  const { kind, key, value: written } = recordAt(value, path);
  const name = textAt(key, path);
  return kind === 'delete' ? { kind, key: name } : { kind: 'set', key: name, value: written };
}

/** The steps among saved results, of one superstep. */
export function readSteps(
  saved: readonly SavedResult[],
  superstep: number,
  readAside: (json: JsonValue) => unknown,
): FinishedSteps {
  const steps = saved
    .filter(({ key }) => key.startsWith(STEP_PREFIX))
    .map(({ key, result }) => {
      const { step, value } = recordAt(readAside(result), `results.${key}`);
      return [key, { step: Number(step), value }] as const;
    });
  return new Map(steps.filter(([, { step }]) => step === superstep));
}
