import { type BuiltInEvent, type EventStamp, type WorkflowEvent } from '@colloquy/core';
import { BUILT_IN_EVENT_TYPES } from '@colloquy/core/spi';

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

/** Tells the engine's events from those of packages and users. */
export function toTraceEvent(event: WorkflowEvent): TraceEvent {
  if (isBuiltIn(event)) return event;
  const { runId, seq, timestamp, path, type: name, executorId } = event;
  const at = path === undefined ? {} : { path };
  return { runId, seq, timestamp, ...at, type: 'custom', name, executorId, turn: turnOf(event) };
}

/** Custom events cannot have these names: `defineEvent` refuses them. */
function isBuiltIn(event: WorkflowEvent): event is EventStamp & BuiltInEvent {
  return BUILT_IN_EVENT_TYPES.has(event.type);
}

/** Group chats and Magentic teams tell of turns in the same way. */
function turnOf(event: WorkflowEvent): CustomTraceEvent['turn'] {
  if (event.type !== 'group_chat') return undefined;
  const key = JSON.stringify([Reflect.get(event, 'round'), Reflect.get(event, 'participant')]);
  return { isAsked: Reflect.get(event, 'kind') === 'request_sent', key };
}
