import { type BuiltInEvent, type EventStamp, type WorkflowEvent } from '@colloquy/core';

/** Something that a package or a user tells of, as far as traces look at it. */
export interface CustomTraceEvent {
  readonly type: 'custom';
  readonly name: string;
  readonly executorId: string;
  /** Of turns in a group chat. */
  readonly turn: { readonly isAsked: boolean; readonly key: string } | undefined;
}

/** An event with a type that narrows. */
export type TraceEvent = EventStamp & (BuiltInEvent | CustomTraceEvent);

const BUILT_IN: Readonly<Record<BuiltInEvent['type'], true>> = {
  started: true,
  status: true,
  failed: true,
  output: true,
  intermediate: true,
  request_info: true,
  warning: true,
  error: true,
  superstep_started: true,
  superstep_completed: true,
  executor_invoked: true,
  executor_completed: true,
  executor_failed: true,
  executor_bypassed: true,
  checkpoint_created: true,
  checkpoint_failed: true,
  message_dropped: true,
};

/** Tells the engine's events from those of packages and users. */
export function toTraceEvent(event: WorkflowEvent): TraceEvent {
  if (isBuiltIn(event)) return event;
  const { runId, seq, timestamp, path, type: name, executorId } = event;
  const at = path === undefined ? {} : { path };
  return { runId, seq, timestamp, ...at, type: 'custom', name, executorId, turn: turnOf(event) };
}

/** Custom events cannot have these names: `defineEvent` refuses them. */
function isBuiltIn(event: WorkflowEvent): event is EventStamp & BuiltInEvent {
  return Object.hasOwn(BUILT_IN, event.type);
}

/** Group chats and Magentic teams tell of turns in the same way. */
function turnOf(event: WorkflowEvent): CustomTraceEvent['turn'] {
  if (event.type !== 'group_chat') return undefined;
  const key = JSON.stringify([Reflect.get(event, 'round'), Reflect.get(event, 'participant')]);
  return { isAsked: Reflect.get(event, 'kind') === 'request_sent', key };
}
