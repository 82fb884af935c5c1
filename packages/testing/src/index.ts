// The public API of @colloquy/testing.

export {
  checkpointStoreSuite,
  type ConformanceCase,
  type CreateStore,
  type StoreSuiteOptions,
} from './checkpoint-store-suite.ts';

export { type CleanResetOptions, expectCleanReset } from './expect-clean-reset.ts';
export { type AnswerRequest } from './observed-conversation.ts';
export { watched } from './model-watch.ts';

export { type RecordedRequest } from './recorded-request.ts';
export {
  chunks,
  type RequestMatcher,
  type ScriptEntry,
  type ScriptPart,
  type ScriptedChunks,
  type ScriptedMatch,
  type ScriptedToolCall,
  toolCall,
  type ToolCallOptions,
  when,
} from './script-entry.ts';
export { ScriptedChatClient, scripted } from './scripted.ts';
