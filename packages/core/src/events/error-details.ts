import { messageOf } from '../errors/message-of.ts';

/** An error as plain data, as events carry it. */
export interface ErrorDetails {
  readonly name: string;
  readonly message: string;
  /** The error's `code`, where it has one. */
  readonly code?: string;
  readonly stack?: string;
}

/** Describes whatever was thrown. */
export function toErrorDetails(thrown: unknown): ErrorDetails {
  if (!(thrown instanceof Error)) return { name: 'Error', message: messageOf(thrown) };
  const code: unknown = Reflect.get(thrown, 'code');
  return {
    name: thrown.name,
    message: thrown.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
  };
}
