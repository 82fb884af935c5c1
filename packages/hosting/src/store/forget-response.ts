import { type CheckpointStore } from '@colloquy/core';

import { type ConversationStore } from './conversation-store.ts';
import { threadOf } from './response-checkpoints.ts';
import { type ResponseRecords } from './response-records.ts';

/** Where a response has left traces. */
export interface ResponseTraces {
  readonly responses: ResponseRecords;
  readonly conversations: ConversationStore;
  readonly checkpoints: CheckpointStore;
}

/**
 * Removes a response, its events and its checkpoints; says whether there was one.
 *
 * The checkpoint at which its conversation stands is kept: the conversation goes on, and only the response is gone.
 */
export async function forgetResponse(
  { responses, conversations, checkpoints }: ResponseTraces,
  tenant: string,
  id: string,
): Promise<boolean> {
  const record = await responses.find(tenant, id);
  if (record === undefined) return false;
  const conversationId = record.response.conversation?.id;
  const conversation =
    conversationId === undefined ? undefined : await conversations.find(tenant, conversationId);
  const isDeleted = await responses.delete(tenant, id);
  if (conversation?.head?.responseId !== id)
    await checkpoints.prune({ threadId: threadOf(tenant, id) });
  return isDeleted;
}
