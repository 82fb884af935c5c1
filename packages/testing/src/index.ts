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

export {
  type FaultPlan,
  type FaultSettings,
  faulty,
  type FaultyCall,
  FaultyChatClient,
  type FaultyOptions,
  type InjectedFault,
} from './faults/faulty.ts';
export { type Fault, FAULT_KINDS, type FaultKind, FAULTS } from './faults/fault-kinds.ts';

export { checkTrace, TraceError } from './trace/check-trace.ts';
export { traceProblems } from './trace/trace-problems.ts';
export { type TraceProblem, type TraceRule } from './trace/trace-problem.ts';

export {
  Cassette,
  type CassetteMode,
  type CassetteOptions,
  type ReplayUntil,
  replayUntil,
} from './recorded/cassette.ts';
export { CassetteError } from './recorded/cassette-error.ts';
export { recorded, RecordedChatClient, type RecordedOptions } from './recorded/recorded.ts';

export { type FakeOpenAI, fakeOpenAI } from './fake-openai.ts';
export { type WireRecord } from './fake-openai/fake-server.ts';

export { type SeededRandom, seededRandom } from './random/seeded-random.ts';
export { countedIds } from './time/counted-ids.ts';
export { type SeededScheduler, seededScheduler } from './time/seeded-scheduler.ts';
export {
  DeadlockError,
  type VirtualClock,
  virtualClock,
  type VirtualClockOptions,
} from './time/virtual-clock.ts';

export {
  chatClientSuite,
  type ConnectClient,
  type ConnectedClient,
  type SuiteModel,
} from './chat-client-suite.ts';
export { executorSuite, type ExecutorSuiteOptions } from './executor-suite.ts';
export { orchestratorSuite, type OrchestratorSuiteOptions } from './orchestrator-suite.ts';
export { type CreateTeam, type SuiteTeamParts } from './suite-team.ts';
