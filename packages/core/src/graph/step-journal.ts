import { type WorkflowContext } from './workflow-context.ts';

/** Where the finished steps of a handler are kept until its superstep has ended, so that a crash loses none. */
export interface StepJournal {
  /** The ids of the steps that had finished before a crash. */
  readonly ids: readonly string[];
  /** What such a step came to. */
  find(id: string): { readonly value: unknown } | undefined;
  /** Resolves when the store has it. */
  save(id: string, value: unknown): Promise<void>;
}

/** What the context of an executor that works in steps can do beside what every context can. */
export interface JournalingContext {
  /** `undefined` where the run has no store. */
  readonly journal: StepJournal | undefined;
}

/** The journal of a context made by the engine; one made by a test may have none. */
export function journalOf(context: WorkflowContext): StepJournal | undefined {
  return isJournaling(context) ? context.journal : undefined;
}

function isJournaling(context: WorkflowContext): context is WorkflowContext & JournalingContext {
  return 'journal' in context;
}
