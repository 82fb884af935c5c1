import { type JsonValue } from '@colloquy/core';

import { type WireEvent } from '../wire/response-builder.ts';
import { type ResponseResource } from '../wire/response-resource.ts';

/**
 * The stored events of a response that has ended, from a number on.
 *
 * What a server has told and not stored before it died is missing at their end; that the response has ended is told anyway.
 */
export async function* replayEvents(
  response: ResponseResource,
  stored: readonly { readonly [field: string]: JsonValue }[],
  after: number,
): AsyncGenerator<WireEvent, void> {
  const type = `response.${response.status === 'cancelled' ? 'failed' : response.status}`;
  // They were stored as events.
  const events = stored as readonly WireEvent[];
  for (const event of events) if (event.sequence_number > after) yield event;
  if (events.at(-1)?.type === type) return;
  const sequence_number = events.length;
  if (sequence_number > after) yield { type, sequence_number, response };
}
