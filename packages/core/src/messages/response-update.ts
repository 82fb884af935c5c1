import { type Content } from './content.ts';
import { type Role } from './message.ts';
import { type FinishReason } from './response.ts';

/** One piece of a model's streamed answer; plain JSON. A change of `messageId` begins another message. */
export interface ChatResponseUpdate {
  /** What this piece adds; a `function_call` with an id seen before continues that call's arguments. */
  readonly contents: readonly Content[];
  /** Role of the message this belongs to; `assistant` where absent. */
  readonly role?: Role;
  readonly messageId?: string;
  readonly responseId?: string;
  readonly model?: string;
  readonly finishReason?: FinishReason;
}

/** One piece of an agent's streamed answer; plain JSON. */
export interface AgentResponseUpdate extends ChatResponseUpdate {
  readonly agentName: string;
  /** The text this piece adds; empty where it adds none. */
  readonly text: string;
  /** Set where this piece is what the answer waits for; who runs the agent in a workflow asks it as a request. */
  readonly isQuestion?: true;
}
