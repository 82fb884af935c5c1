import { type AgentResponse, defineMessage, type MessageType, type Tagged } from '@colloquy/core';
import { guardSchema } from '../shared/guard-schema.ts';
import { isRecord } from '../shared/is-record.ts';

/** What one participant's branch came to: an answer, or what it failed with. */
export interface BranchOutcome {
  readonly participant: string;
  readonly response?: AgentResponse | undefined;
  /** What it failed with, or was aborted with because it was not needed any more. */
  readonly error?: unknown;
}

interface BranchResultPayload extends BranchOutcome {
  /** Which inputs it answers. */
  readonly rounds: readonly number[];
}

/** Brings what a branch came to to where the branches are joined. */
export const BranchResult: MessageType<BranchResult, [payload: BranchResultPayload]> =
  defineMessage(
    'branch_result',
    guardSchema(
      '{ participant, rounds, response?, error? }',
      (value): value is BranchResultPayload =>
        isRecord(value) &&
        typeof value['participant'] === 'string' &&
        Array.isArray(value['rounds']),
    ),
  );
export type BranchResult = Tagged<'branch_result', BranchResultPayload>;
