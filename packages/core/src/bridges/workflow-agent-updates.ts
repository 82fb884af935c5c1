import { type WorkflowEvent } from '../events/workflow-event.ts';
import { type OutputDesignation } from '../graph/output-designation.ts';
import { type Message, textOf } from '../messages/message.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { AgentUpdate } from './agent-executor-protocol.ts';
import { isApprovalRequest, messagesOf } from './workflow-agent-output.ts';

interface HasExecutor {
  readonly executorId: string;
}

/**
 * Turns a workflow's events into the pieces of an agent's answer.
 *
 * What an agent within says is told as it says it; any other output when it is yielded.
 *
 * Owns which executors have been heard since their last output.
 *
 * Invariants:
 * - V1: nothing is told twice: an output whose pieces were told is not told again.
 * - V2: a draft is no part of the answer; what becomes of it is told when it is yielded.
 */
export class WorkflowAgentUpdates {
  readonly #agentName: string;
  readonly #designation: OutputDesignation;
  readonly #onUpdate: (update: AgentResponseUpdate) => void;
  readonly #heard = new Set<string>();

  constructor(
    agentName: string,
    designation: OutputDesignation,
    onUpdate: (update: AgentResponseUpdate) => void,
  ) {
    this.#agentName = agentName;
    this.#designation = designation;
    this.#onUpdate = onUpdate;
  }

  /** Tells what an event adds to the answer. What happens within a sub-workflow is told when it comes out. */
  tell(event: WorkflowEvent): void {
    if (event.path !== undefined) return;
    if (AgentUpdate.is(event)) this.#pass(event);
    else if (event.type === 'output' && 'data' in event) this.#tellOutput(event);
  }

  /** Tells what the workflow waits for, as one message. */
  tellQuestion(message: Message): void {
    this.#onUpdate({ ...this.#updateOf(message), isQuestion: true });
  }

  /** V2 */
  #pass({ update, executorId, isDraft = false }: AgentUpdate & HasExecutor): void {
    if (isDraft || this.#designation(executorId) !== 'output') return;
    this.#heard.add(executorId);
    // The workflow asks in its own name.
    const contents = update.contents.filter((content) => !isApprovalRequest(content));
    if (contents.length > 0) this.#onUpdate({ ...update, contents });
  }

  /** V1 */
  #tellOutput({ executorId, data }: HasExecutor & { readonly data: unknown }): void {
    if (this.#heard.delete(executorId)) return;
    for (const message of messagesOf(data, this.#agentName))
      this.#onUpdate(this.#updateOf(message));
  }

  /** A whole message as one piece. */
  #updateOf({ role, contents, authorName, id }: Message): AgentResponseUpdate {
    return {
      agentName: authorName ?? this.#agentName,
      role,
      contents,
      text: textOf({ contents }),
      ...(id === undefined ? {} : { messageId: id }),
    };
  }
}
