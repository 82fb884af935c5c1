import { ConfigurationError } from '../errors/configuration-error.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import {
  defineTagged,
  type PayloadArgs,
  type Tagged,
  type TaggedBy,
  type TaggedType,
} from '../schema/tagged.ts';

/** A kind of message between executors: call it to make one, give it to `on` to receive them. */
export type MessageType<
  TMessage extends Tagged<string> = Tagged<string>,
  TArgs extends readonly unknown[] = never,
> = TaggedType<'message', TMessage, TArgs>;

/**
 * Defines a message type; its messages are plain JSON `{ type, ...payload }`, checked when they are made.
 *
 * @param payload - The shape of what the message carries beside its type; an object.
 * @throws {ConfigurationError} `message/empty-name`.
 */
export function defineMessage<
  const TName extends string,
  TSchema extends StandardSchema | undefined = undefined,
>(name: TName, payload?: TSchema): MessageType<TaggedBy<TName, TSchema>, PayloadArgs<TSchema>> {
  if (name === '') {
    throw new ConfigurationError('Expected a name for the message type, got an empty string.', {
      code: 'message/empty-name',
    });
  }
  // The parameter is absent exactly when TSchema is undefined.
  return defineTagged('message', name, payload as TSchema);
}
