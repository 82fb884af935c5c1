import { type ChatOptions, type ChatResponseUpdate, type Content, textOf } from '@colloquy/core';

import { type SeededRandom } from '../random/seeded-random.ts';
import { changeJson } from './change-json.ts';
import { type FaultKind } from './fault-kinds.ts';

/** What a fault is done with. */
export interface ReplyFault {
  readonly kind: FaultKind;
  readonly random: SeededRandom;
  /** The tools that the request offers. */
  readonly tools: NonNullable<ChatOptions['tools']>;
  /** How long a giant reply is, in characters. */
  readonly giantLength: number;
}

const HANDOFF = 'handoff_to_';

/** A whole reply with a fault done to it; `undefined` where that cannot be done to this reply. */
export function changeReply(
  updates: readonly ChatResponseUpdate[],
  { kind, random, tools, giantLength }: ReplyFault,
): readonly ChatResponseUpdate[] | undefined {
  switch (kind) {
    case 'giant-reply':
      return withText(updates, (text) => `${text}\n${'and so on '.repeat(giantLength / 10)}`);
    case 'call-without-id':
      return withContents(updates, (content) =>
        content.type === 'function_call' ? [{ ...content, callId: '' }] : [content],
      );
    case 'two-handoffs':
      return withSecondHandoff(updates, tools);
    default:
      return withText(updates, (text) => changeJson(kind, text, random));
  }
}

/** Up to where a reply comes before its connection breaks: half of its text, or nothing of its calls. */
export function firstHalf(updates: readonly ChatResponseUpdate[]): readonly ChatResponseUpdate[] {
  const text = updates.map(textOf).join('');
  const half = text.slice(0, Math.floor(text.length / 2));
  return half === '' ? [] : [{ contents: [{ type: 'text', text: half }] }];
}

/** Puts another text where the first one stood. */
function withText(
  updates: readonly ChatResponseUpdate[],
  change: (text: string) => string | undefined,
): readonly ChatResponseUpdate[] | undefined {
  const text = updates.map(textOf).join('');
  const changed = text === '' ? undefined : change(text);
  if (changed === undefined) return undefined;
  let isPlaced = false;
  return withContents(updates, (content) => {
    if (content.type !== 'text') return [content];
    const contents: Content[] = isPlaced ? [] : [{ type: 'text', text: changed }];
    isPlaced = true;
    return contents;
  });
}

function withSecondHandoff(
  updates: readonly ChatResponseUpdate[],
  tools: ReplyFault['tools'],
): readonly ChatResponseUpdate[] | undefined {
  let isDone = false;
  return withContents(updates, (content) => {
    if (isDone || content.type !== 'function_call' || !content.name.startsWith(HANDOFF))
      return [content];
    const other = tools.find(({ name }) => name.startsWith(HANDOFF) && name !== content.name);
    if (other === undefined) return [content];
    isDone = true;
    const callId = content.callId === '' ? '' : `${content.callId}_too`;
    return [content, { type: 'function_call', callId, name: other.name, arguments: {} }];
  });
}

/** The updates with each content replaced; `undefined` where nothing was. */
function withContents(
  updates: readonly ChatResponseUpdate[],
  replace: (content: Content) => readonly Content[],
): readonly ChatResponseUpdate[] | undefined {
  let isChanged = false;
  const all = updates.map((update) => {
    const contents = update.contents.flatMap((content) => {
      const replaced = replace(content);
      isChanged ||= replaced.length !== 1 || replaced[0] !== content;
      return replaced;
    });
    return { ...update, contents };
  });
  return isChanged ? all : undefined;
}
