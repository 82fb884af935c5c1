// The public API of @colloquy/orchestrations, grouped by folder.

export {
  AgentOrchestrator,
  type AgentOrchestratorOptions,
} from './group-chat/agent-orchestrator.ts';
export {
  BaseGroupChatOrchestrator,
  type GroupChatInput,
  type GroupChatOrchestratorOptions,
} from './group-chat/base-orchestrator.ts';
export { SpeakerSelectionError } from './group-chat/group-chat-errors.ts';
export {
  GroupChatEvent,
  GroupChatReply,
  GroupChatRequest,
} from './group-chat/group-chat-messages.ts';
export {
  type FinishChat,
  type GroupChatParticipant,
  type GroupChatView,
  type NextSpeaker,
} from './group-chat/group-chat-view.ts';
export { type GroupChat, groupChat, type GroupChatOptions } from './group-chat/group-chat.ts';
export { roundRobin, type SpeakerSelector } from './group-chat/selectors.ts';
export { type ParticipantSource } from './shared/participants.ts';
export { maxMessages } from './termination/max-messages.ts';
export { type TerminationPredicate } from './termination/predicate.ts';
export {
  type TerminationAnswer,
  TerminationCondition,
  type TerminationView,
} from './termination/termination-condition.ts';
export { textMention, type TextMentionOptions } from './termination/text-mention.ts';
