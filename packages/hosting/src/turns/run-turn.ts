import {
  type CheckpointStore,
  type Message,
  type PendingRequest,
  type Usage,
  type Workflow,
  type WorkflowEvent,
  type WorkflowResult,
  type WorkflowRun,
} from '@colloquy/core';
import { startInputOf } from '@colloquy/core/spi';

import { PendingQuestionsError } from './pending-questions-error.ts';

/** What a turn begins with. */
export type TurnStart =
  /** An instance that is as new. */
  | { readonly kind: 'clean'; readonly messages: readonly Message[] }
  /** A checkpoint; what was under way there is finished before anything more is said. */
  | {
      readonly kind: 'messages';
      readonly checkpointId: string;
      /** None only to finish what was under way. */
      readonly messages: readonly Message[];
    }
  /** A checkpoint whose requests are answered. */
  | {
      readonly kind: 'answers';
      readonly checkpointId: string;
      readonly responses: Readonly<Record<string, unknown>>;
    };

/** How a turn is run. */
export interface TurnOptions {
  readonly checkpoints: CheckpointStore;
  readonly signal: AbortSignal;
  readonly runContext: unknown;
  /** Hears every event; the first one says that the turn was accepted. */
  readonly onEvent: (event: WorkflowEvent) => void;
}

/** What a turn came to. */
export interface TurnEnd {
  readonly checkpointId: string | undefined;
  readonly pendingRequests: readonly PendingRequest[];
  /** Of the run that the turn's input began; what was finished before it is not counted. */
  readonly usage: Usage | undefined;
}

/**
 * Runs one turn of a conversation on an instance.
 *
 * Rejects as `Workflow.run` and `Workflow.resume` do; with `PendingQuestionsError` when what was under way has to be
 * answered before more can be said.
 */
export async function runTurn(
  workflow: Workflow,
  start: TurnStart,
  options: TurnOptions,
): Promise<TurnEnd> {
  const { checkpoints, signal, runContext, onEvent } = options;
  const runOptions = { checkpoints, signal, runContext };
  switch (start.kind) {
    case 'clean':
      return follow(say(workflow, start.messages, runOptions), onEvent);
    case 'answers': {
      const { checkpointId, responses } = start;
      return follow(workflow.streamResume({ ...runOptions, checkpointId, responses }), onEvent);
    }
    case 'messages': {
      const { checkpointId, messages } = start;
      // At a checkpoint that has come to rest this only restores.
      const restored = await follow(
        workflow.streamResume({ ...runOptions, checkpointId }),
        onEvent,
      );
      // Its usage is that of the turn that was cut off.
      if (messages.length === 0) return { ...restored, usage: undefined };
      if (restored.pendingRequests.length > 0)
        throw new PendingQuestionsError(restored.pendingRequests);
      return follow(say(workflow, messages, runOptions), onEvent);
    }
  }
}

function say(
  workflow: Workflow,
  messages: readonly Message[],
  options: Omit<TurnOptions, 'onEvent'>,
): WorkflowRun {
  return workflow.stream(startInputOf(workflow.graph, messages), options);
}

async function follow(
  run: WorkflowRun,
  onEvent: (event: WorkflowEvent) => void,
): Promise<WorkflowResult> {
  for await (const event of run) onEvent(event);
  return run.result;
}
