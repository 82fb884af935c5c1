import { ConfigurationError } from '../errors/configuration-error.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import {
  defineTagged,
  type PayloadArgs,
  type Tagged,
  type TaggedBy,
  type TaggedType,
} from '../schema/tagged.ts';
import { type AnyCustomEvent, BUILT_IN_EVENT_TYPES } from './workflow-event.ts';

/** A kind of event of a package or a user: call it to make one, then `ctx.emit` it. */
export type EventType<
  TEvent extends AnyCustomEvent = Tagged<string>,
  TArgs extends readonly unknown[] = never,
> = TaggedType<'event', TEvent, TArgs>;

/**
 * Defines an event that executors may emit beside the engine's own.
 *
 * @param payload - The shape of what the event carries beside its type; an object.
 * @throws {ConfigurationError} `event/reserved-name` when the name is empty or the engine's.
 */
export function defineEvent<
  const TName extends string,
  TSchema extends StandardSchema | undefined = undefined,
>(name: TName, payload?: TSchema): EventType<TaggedBy<TName, TSchema>, PayloadArgs<TSchema>> {
  if (name === '' || BUILT_IN_EVENT_TYPES.has(name)) {
    throw new ConfigurationError(
      `Expected a name for an event of your own, got "${name}", which ${name === '' ? 'is empty' : 'the engine uses'}. Choose another.`,
      { code: 'event/reserved-name' },
    );
  }
  // The parameter is absent exactly when TSchema is undefined.
  return defineTagged('event', name, payload as TSchema);
}
