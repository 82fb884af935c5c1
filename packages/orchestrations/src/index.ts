// The public API of @colloquy/orchestrations, grouped by folder.

export {
  type Aggregator,
  judge,
  type JudgeOptions,
  lastMessages,
  vote,
  type VoteOptions,
  type VoteResult,
} from './concurrent/aggregators.ts';
export { type BranchOutcome } from './concurrent/branch-result.ts';
export { type ConcurrencyMode, quorum, type Quorum } from './concurrent/concurrency-mode.ts';
export { QuorumError } from './concurrent/concurrent-errors.ts';
export { type Concurrent, concurrent, type ConcurrentOptions } from './concurrent/concurrent.ts';

export {
  AgentOrchestrator,
  type AgentOrchestratorOptions,
} from './group-chat/agent-orchestrator.ts';
export {
  BaseGroupChatOrchestrator,
  type GroupChatInput,
  type GroupChatOrchestratorOptions,
} from './group-chat/base-orchestrator.ts';
export {
  type ConversationView,
  type ConversationViewOption,
  last,
  summary,
  type SummaryOptions,
  type ViewedConversation,
} from './group-chat/conversation-view.ts';
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
export { type TurnRules } from './group-chat/transitions.ts';
export {
  HandoffEvent,
  type HandoffEventPayload,
  UserTurn,
  type UserTurnAnswer,
  type UserTurnRequest,
} from './handoff/handoff-messages.ts';
export { type HandoffRoutes } from './handoff/handoff-routes.ts';
export {
  type AutonomousOptions,
  type Handoff,
  handoff,
  type HandoffOptions,
  type HandoffParticipant,
} from './handoff/handoff.ts';
export {
  HumanGate,
  type HumanGateAnswer,
  type HumanGateOptions,
  type HumanGateRequest,
} from './human-gate/human-gate.ts';
export { type LedgerItem, type ProgressLedger, type TaskLedger } from './magentic/ledgers.ts';
export {
  MagenticCompletedError,
  MagenticLimitError,
  ProgressLedgerError,
} from './magentic/magentic-errors.ts';
export { type MagenticContext, type MagenticManager } from './magentic/magentic-manager.ts';
export {
  MagenticEvent,
  type MagenticEventPayload,
  PlanReview,
  type PlanReviewAnswer,
  type PlanReviewRequest,
  StallReview,
  type StallReviewAnswer,
  type StallReviewRequest,
} from './magentic/magentic-messages.ts';
export { type MagenticSettings } from './magentic/magentic-options.ts';
export {
  type Magentic,
  magentic,
  type MagenticManagerSource,
  type MagenticOptions,
} from './magentic/magentic.ts';
export { type MagenticPrompts } from './magentic/prompts.ts';
export {
  StandardMagenticManager,
  type StandardManagerOptions,
} from './magentic/standard-manager.ts';

export { type Sequential, sequential, type SequentialOptions } from './sequential/sequential.ts';
export { type ConversationInput } from './shared/conversation-input.ts';
export { type ParticipantSource } from './shared/participants.ts';
export { costBudget, tokenBudget, type TokenPrices } from './termination/budgets.ts';
export { external, type ExternalCondition } from './termination/external.ts';
export { functionCall } from './termination/function-call.ts';
export { maxMessages } from './termination/max-messages.ts';
export { noProgress } from './termination/no-progress.ts';
export { type TerminationPredicate } from './termination/predicate.ts';
export {
  type TerminationAnswer,
  TerminationCondition,
  type TerminationView,
} from './termination/termination-condition.ts';
export { sourceMatch } from './termination/source-match.ts';
export { textMention, type TextMentionOptions } from './termination/text-mention.ts';
export { timeout, type TimeoutOptions } from './termination/timeout.ts';
