import { type WorkflowEvent } from '../src/events/workflow-event.ts';
import { type RunOptions } from '../src/workflow/run-options.ts';
import { type Workflow } from '../src/workflow/workflow.ts';

/** An event without run id, number and time; errors by their message. */
export type PlainEvent = Record<string, unknown> & { readonly type: string };

/** Takes off what differs from run to run. */
export function withoutStamp(event: WorkflowEvent): PlainEvent {
  const { runId: _runId, seq: _seq, timestamp: _timestamp, ...rest } = event;
  if (!('error' in rest)) return rest;
  return { ...rest, error: rest.error.message };
}

/** Runs an input to its end, whatever that is, and gives every event. */
export async function eventsOf<TInput>(
  workflow: Workflow<TInput>,
  input: TInput,
  options?: RunOptions,
): Promise<PlainEvent[]> {
  const events: PlainEvent[] = [];
  for await (const event of workflow.stream(input, options)) events.push(withoutStamp(event));
  return events;
}

/** Events of one or some types. */
export function ofType(events: readonly PlainEvent[], ...types: string[]): PlainEvent[] {
  return events.filter(({ type }) => types.includes(type));
}
