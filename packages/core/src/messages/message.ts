import { ConfigurationError } from '../errors/configuration-error.ts';
import { deepFreeze } from '../primitives/deep-freeze.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type Content } from './content.ts';

const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

/** Who a message speaks for. */
export type Role = (typeof ROLES)[number];

/** One turn of a conversation; plain JSON. */
export interface Message {
  readonly role: Role;
  readonly contents: readonly Content[];
  /** Name of the agent or person who wrote it. */
  readonly authorName?: string;
  readonly id?: string;
}

/** What every `run` takes: text (a `user` message), one message, or several in order. */
export type MessageInput = string | Message | readonly (string | Message)[];

/** Creates a message with one text; frozen. */
export function textMessage(role: Role, text: string, authorName?: string): Message {
  const contents = [{ type: 'text', text }] as const;
  return deepFreeze(authorName === undefined ? { role, contents } : { role, contents, authorName });
}

/** The text of a message: its text contents joined without a separator. */
export function textOf(message: Pick<Message, 'contents'>): string {
  let text = '';
  for (const content of message.contents) if (content.type === 'text') text += content.text;
  return text;
}

/** The text of several messages, one paragraph each; messages without text are left out. */
export function textOfAll(messages: readonly Message[]): string {
  return messages
    .map(textOf)
    .filter((text) => text !== '')
    .join('\n');
}

/** Claims that a value has the shape of a message: a known role and a list of typed contents. */
export function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || !isRole(value['role']) || !Array.isArray(value['contents'])) return false;
  for (const content of value['contents'])
    if (!isRecord(content) || typeof content['type'] !== 'string') return false;
  return true;
}

/** Claims that a value is a list of messages, perhaps empty. */
export function isMessageList(value: unknown): value is readonly Message[] {
  return Array.isArray(value) && value.every(isMessage);
}

function isRole(value: unknown): boolean {
  for (const role of ROLES) if (role === value) return true;
  return false;
}

/**
 * Turns any message input into a list of messages; the list is new, the messages are the caller's.
 *
 * @throws {ConfigurationError} `messages/invalid-input` when a value is neither text nor a message.
 */
export function toMessages(input: MessageInput): Message[] {
  const items: readonly unknown[] = Array.isArray(input) ? input : [input];
  return items.map((item, index) => {
    if (typeof item === 'string') return textMessage('user', item);
    if (isMessage(item)) return item;
    throw new ConfigurationError(
      `Expected a string, a message, or a list of them, got ${describeValue(item)} at position ${index}. ` +
        `A message is { role: 'user' | 'assistant' | 'system' | 'tool', contents: [{ type: 'text', text }] }.`,
      { code: 'messages/invalid-input' },
    );
  });
}
