import { type Message } from '../messages/message.ts';

/**
 * Whether a message is somebody's text and nothing else, as most are.
 *
 * Much is asked about a whole conversation at every call of a model; for these messages it is known at once that nothing
 * is called, answered, left out or wrong.
 */
export function isPlainText({ role, contents, authorName }: Message): boolean {
  if (contents.length === 0 || authorName === '' || role === 'tool') return false;
  for (const content of contents)
    if (content.type !== 'text' || typeof content.text !== 'string' || content.text === '')
      return false;
  return true;
}
