import { deepFreeze } from '../primitives/deep-freeze.ts';
import { type Content } from './content.ts';
import { type Message } from './message.ts';

/**
 * What others see of what somebody said: text, images and files.
 *
 * Tool calls and their results, approvals, reasoning, usage and errors are the speaker's own; a message of nothing
 * else is left out. A frozen message that is visible as it is comes back as the same object, any other as a frozen copy.
 *
 * Differs from Python `clean_conversation_for_handoff`, which also drops images and files.
 *
 * @param authorName - Named as the author where a message names none.
 */
export function visibleMessages(messages: readonly Message[], authorName?: string): Message[] {
  return messages.flatMap((message) => {
    const contents = message.contents.filter(isVisible);
    if (contents.length === 0) return [];
    const author = message.authorName ?? authorName;
    const isAsItIs =
      contents.length === message.contents.length &&
      author === message.authorName &&
      Object.isFrozen(message) &&
      Object.isFrozen(message.contents);
    if (isAsItIs) return [message];
    const visible: Message =
      author === undefined
        ? { ...message, contents }
        : { ...message, contents, authorName: author };
    return [deepFreeze(structuredClone(visible))];
  });
}

function isVisible(content: Content): boolean {
  switch (content.type) {
    case 'text':
      return content.text !== '';
    case 'data':
    case 'uri':
      return true;
    case 'reasoning':
    case 'function_call':
    case 'function_result':
    case 'function_approval_request':
    case 'function_approval_response':
    case 'usage':
    case 'error':
      return false;
  }
}
