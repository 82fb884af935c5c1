import { defineMessage, type Message, type MessageType, type Tagged } from '@colloquy/core';

import { guardSchema, isMessageList } from '../shared/guard-schema.ts';
import { isRecord } from '../shared/is-record.ts';

interface BranchTaskPayload {
  /** Counts the inputs, from 1. */
  readonly round: number;
  readonly messages: readonly Message[];
}

/** Gives a branch the input of a round. */
export const BranchTask: MessageType<BranchTask, [payload: BranchTaskPayload]> = defineMessage(
  'branch_task',
  guardSchema(
    '{ round, messages }',
    (value): value is BranchTaskPayload =>
      isRecord(value) && typeof value['round'] === 'number' && isMessageList(value['messages']),
  ),
);
export type BranchTask = Tagged<'branch_task', BranchTaskPayload>;
