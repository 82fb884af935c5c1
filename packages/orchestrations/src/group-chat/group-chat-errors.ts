import { ColloquyError } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';
import { matchName } from '../shared/participants.ts';
import { type GroupChatView } from './group-chat-view.ts';

/** Nobody, or nobody who takes part, was chosen to speak. */
export class SpeakerSelectionError extends ColloquyError {
  static override readonly errorName: string = 'SpeakerSelectionError';

  /** The names that could have been chosen. */
  readonly candidates: readonly string[];

  constructor(message: string, candidates: readonly string[], cause?: unknown) {
    super(message, { code: 'group-chat/speaker-selection', cause });
    this.candidates = candidates;
  }
}

/** For a choice of somebody who may not speak now, or of nobody there is. */
export function notACandidate(chosen: unknown, view: GroupChatView): SpeakerSelectionError {
  const names = view.candidates.map(({ name }) => name);
  const all = view.participants.map(({ name }) => name);
  const nearest = typeof chosen === 'string' ? matchName(chosen, all) : undefined;
  const isBarred = nearest === chosen && nearest !== undefined;
  return new SpeakerSelectionError(
    `Expected the next speaker to be one of ${names.join(', ')}, or null to end the chat, got ${describeValue(chosen)}. ${isBarred ? barred(nearest, view) : suggestion(nearest)}`,
    names,
  );
}

/** Says why a participant may not speak now. */
function barred(name: string, { lastSpeaker = 'nobody' }: GroupChatView): string {
  return `By transitions or allowRepeat "${name}" may not speak after "${lastSpeaker}".`;
}

function suggestion(nearest: string | undefined): string {
  return nearest === undefined ? 'Return one of these names.' : `Did you mean "${nearest}"?`;
}
