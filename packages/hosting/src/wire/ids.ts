/** What an id names. */
type IdPrefix = 'resp' | 'conv' | 'msg' | 'item' | 'server';

/** Makes an id that nobody can guess: a prefix and 32 hexadecimal digits. */
export function createWireId(prefix: IdPrefix): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `${prefix}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Claims that a text can be the id of a response that this package made. */
export function isResponseId(id: string): boolean {
  return /^resp_[0-9a-f]{32}$/.test(id);
}

/**
 * Claims that a text can name a conversation: 1 to 128 letters, digits and `._:@-`, a letter or digit at both ends, no `..`.
 *
 * Security: nothing else reaches a store, so no id can be a path, a wildcard or a property of an object's prototype.
 */
export function isConversationId(id: string): boolean {
  return /^[a-zA-Z0-9](?:[a-zA-Z0-9._:@-]{0,126}[a-zA-Z0-9])?$/.test(id) && !id.includes('..');
}

/** The id of an output item: the same whenever the response is told again. */
export function outputItemId(prefix: string, responseId: string, index: number): string {
  return `${prefix}_${responseId.slice(-32)}${index.toString(16).padStart(4, '0')}`;
}
