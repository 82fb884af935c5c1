import { readFileSync } from 'node:fs';

import { type Workflow, type WorkflowEvent } from '@colloquy/core';
import * as z from 'zod';

/**
 * Recorded runs of the Python reference, and the rules by which a run of ours is compared with them.
 *
 * Compared are an event's type, executor, run state, superstep, data and, of an error, a fragment of its message that
 * both sides say. Not compared are ids, times, class names and wording.
 *
 * Differs from Python: no superstep is run for messages that no edge carries, and `message_dropped` is told; the
 * reference's empty supersteps and our additional events are left out on both sides.
 */

const eventSchema = z.object({
  type: z.string(),
  executor_id: z.string().optional(),
  state: z.string().optional(),
  iteration: z.number().optional(),
  data: z.unknown().optional(),
  request_id: z.string().optional(),
  source_executor_id: z.string().optional(),
  error: z.object({ message: z.string() }).optional(),
});

const stepSchema = z.object({
  step: z.string(),
  mode: z.string().optional(),
  input: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()).optional(),
  pending_requests: z.array(z.unknown()).optional(),
  include_status_events: z.boolean().optional(),
  events: z.array(eventSchema).default([]),
  outputs: z.array(z.unknown()).optional(),
  intermediate_outputs: z.array(z.unknown()).optional(),
  raised: z.object({ type: z.string(), message: z.string() }).optional(),
  workflow_status_after: z.string().optional(),
  status_timeline: z.array(z.string()).default([]),
  agent_calls: z.array(z.unknown()).default([]),
});

const traceSchema = z.object({ id: z.string(), steps: z.array(stepSchema) });

/** One call of the recorded program. */
export type ReferenceStep = z.infer<typeof stepSchema>;

/** An event as both engines tell it. */
export interface ComparableEvent {
  readonly type: string;
  readonly executorId?: string;
  readonly state?: string;
  readonly superstep?: number;
  readonly data?: unknown;
  readonly requestId?: string;
  readonly error?: string;
}

/** What one call came to, as both engines tell it. */
export interface ComparableRun {
  readonly events: readonly ComparableEvent[];
  readonly outputs: readonly unknown[];
  readonly intermediates: readonly unknown[];
  readonly state: string;
}

/** Events of ours that the reference does not have. */
const OURS = new Set(['checkpoint_created', 'checkpoint_failed', 'message_dropped']);

/** Reads the recorded calls of a program, in order, by the trace's file name. */
export function readSteps(name: string): readonly ReferenceStep[] {
  const file = new URL(`traces/${name}.json`, import.meta.url);
  return traceSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).steps;
}

/** One call of a scenario, counted from 0. */
export function readStep(name: string, index: number): ReferenceStep {
  const step = readSteps(name)[index];
  if (step === undefined) throw new Error(`Expected step ${index} in ${name}, got none.`);
  return step;
}

/** What the reference did in a call; `fragment` is the part of an error's message to compare. */
export function expectedRun(step: ReferenceStep, fragment = ''): ComparableRun {
  const { workflow_status_after: state = '' } = step;
  return {
    events: withoutEmptySupersteps(step.events.map((event) => fromReference(event, fragment))),
    outputs: step.outputs ?? [],
    intermediates: step.intermediate_outputs ?? [],
    state: state.toLowerCase(),
  };
}

/**
 * Runs a recorded call with our engine.
 *
 * Events are those of a stream; of a failed run no outputs are told, as in the reference.
 */
export async function observedRun(
  workflow: Workflow<never>,
  { input, responses }: ReferenceStep,
  fragment = '',
  checkpointId?: string,
): Promise<ComparableRun> {
  // The recorded input is what the program takes.
  const stream =
    responses === undefined && checkpointId === undefined
      ? workflow.stream(input as never)
      : workflow.streamResume({ responses, checkpointId });
  const events: ComparableEvent[] = [];
  for await (const event of stream) {
    // The reference does not tell what happens inside a sub-workflow.
    if (!OURS.has(event.type) && event.path === undefined) events.push(fromOurs(event, fragment));
  }
  const [result] = await Promise.allSettled([stream.result]);
  return {
    events,
    outputs: result.status === 'fulfilled' ? result.value.outputs : [],
    intermediates: result.status === 'fulfilled' ? result.value.intermediates : [],
    state: workflow.status,
  };
}

/** The events of a run in which executors wait: what the engine says in order, and what each executor does in order. */
export interface PartialOrder {
  readonly engine: readonly ComparableEvent[];
  readonly executors: Readonly<Record<string, readonly ComparableEvent[]>>;
}

/** Leaves out how the events of different executors of one superstep interleave. */
export function partialOrderOf(events: readonly ComparableEvent[]): PartialOrder {
  const engine: ComparableEvent[] = [];
  const executors: Record<string, ComparableEvent[]> = {};
  let superstep = 0;
  for (const event of events) {
    superstep = event.superstep ?? superstep;
    if (event.executorId === undefined) engine.push(event);
    else (executors[event.executorId] ??= []).push({ ...event, superstep });
  }
  return { engine, executors };
}

function fromReference(event: ReferenceStep['events'][number], fragment: string): ComparableEvent {
  if (event.type === 'request_info')
    return {
      type: event.type,
      executorId: event.source_executor_id ?? '',
      requestId: event.request_id ?? '',
    };
  const data = event.type === 'executor_completed' ? (event.data ?? null) : event.data;
  return {
    type: event.type,
    ...(event.executor_id === undefined ? {} : { executorId: event.executor_id }),
    ...(event.state === undefined ? {} : { state: event.state.toLowerCase() }),
    ...(event.iteration === undefined ? {} : { superstep: event.iteration }),
    ...(data === undefined ? {} : { data }),
    ...(event.error === undefined ? {} : { error: sharedPart(event.error.message, fragment) }),
  };
}

const requestSchema = z.object({ executorId: z.string(), id: z.string() });

const ourEventSchema = z.object({
  type: z.string(),
  executorId: z.string().optional(),
  state: z.string().optional(),
  superstep: z.number().optional(),
  data: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

function fromOurs(event: WorkflowEvent, fragment: string): ComparableEvent {
  if (event.type === 'request_info' && 'request' in event) {
    const { executorId, id: requestId } = requestSchema.parse(event.request);
    return { type: event.type, executorId, requestId };
  }
  const { error, ...rest } = ourEventSchema.parse(event);
  // As JSON both sides know neither classes nor absent values.
  const plain: ComparableEvent = JSON.parse(JSON.stringify(rest));
  return error === undefined ? plain : { ...plain, error: sharedPart(error.message, fragment) };
}

function sharedPart(message: string, fragment: string): string {
  return fragment !== '' && message.includes(fragment) ? fragment : message;
}

function withoutEmptySupersteps(events: readonly ComparableEvent[]): ComparableEvent[] {
  return events.filter((event, index) => {
    const [before, after] = [events[index - 1], events[index + 1]];
    const isEmptyStart =
      event.type === 'superstep_started' && after?.type === 'superstep_completed';
    const isEmptyEnd = event.type === 'superstep_completed' && before?.type === 'superstep_started';
    return !isEmptyStart && !isEmptyEnd;
  });
}
