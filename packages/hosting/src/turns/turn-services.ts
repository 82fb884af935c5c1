import { type CheckpointStore, type Logger } from '@colloquy/core';

import { type ConversationLanes } from '../queues/conversation-lanes.ts';
import { type ConversationStore } from '../store/conversation-store.ts';
import { type ResponseRecords } from '../store/response-records.ts';
import { type ServerLease } from '../store/server-lease.ts';

/** What every turn of a server works with. */
export interface TurnServices {
  readonly lanes: ConversationLanes;
  readonly lease: ServerLease;
  readonly responses: ResponseRecords;
  readonly conversations: ConversationStore;
  readonly checkpoints: CheckpointStore;
  readonly logger: Logger;
  readonly maxRunMs: number;
  readonly maxTokens: number;
  /** How many events of a stream its reader may leave unread. */
  readonly maxUnreadEvents: number;
  /** How deep the JSON of an answer may be nested. */
  readonly maxDepth: number;
  /** How many checkpoints of a response are kept. */
  readonly keptCheckpoints: number;
  readonly workflowEvents: 'never' | 'requested' | 'always';
}
