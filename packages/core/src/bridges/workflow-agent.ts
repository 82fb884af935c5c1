import { type AgentLike, type AgentRunOptions, type AgentStream } from '../agents/agent-like.ts';
import { AgentSession } from '../agents/agent-session.ts';
import { startAgentStream } from '../agents/agent-stream.ts';
import { type MessageInput } from '../messages/message.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type AgentResponse } from '../messages/response.ts';
import { createId, type IdSource } from '../primitives/ids.ts';
import type { HostedConversations, OnUpdate } from './hosted-conversations.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type HostedWorkflow } from './hosted-workflow.ts';
import { assertTakesMessages } from './takes-messages.ts';

/** How a workflow becomes an agent. */
export interface WorkflowAgentOptions {
  /** Default: the workflow's name. */
  readonly name?: string | undefined;
  /** Default: made up. */
  readonly id?: string | undefined;
  /** Default: the workflow's description. */
  readonly description?: string | undefined;
  /** Makes the ids of the agent and its sessions; default: ids that no other process makes. */
  readonly ids?: IdSource | undefined;
}

/**
 * A workflow as an agent: every session has an instance of its own.
 *
 * What the workflow yields is the answer; its requests appear as approval requests or function calls, and are answered
 * by approval responses or function results. A session's JSON is enough to go on in another process: it names the
 * checkpoint, or carries the state where the workflow has no store.
 *
 * What runs the workflow is loaded with the first answer, since every workflow can become an agent and few do.
 */
export class WorkflowAgent implements AgentLike {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly #template: HostedWorkflow;
  readonly #ids: IdSource;
  #conversations: HostedConversations | undefined;

  /**
   * @throws {WorkflowForkError} when the workflow cannot be forked.
   * @throws {ConfigurationError} `agent/unsupported-workflow` when its start takes neither messages nor text.
   */
  constructor(workflow: HostedWorkflow, options: WorkflowAgentOptions = {}) {
    this.name = options.name ?? workflow.name;
    this.#ids = options.ids ?? createId;
    this.id = options.id ?? this.#ids('agent');
    this.description = options.description ?? workflow.description;
    assertTakesMessages(workflow.name, workflow.graph);
    // A fork of its own, so that running the workflow elsewhere changes nothing here.
    this.#template = workflow.fork();
  }

  /**
   * Answers an input; with a session, as the next turn of its conversation.
   *
   * Rejects as `Workflow.run` and `Workflow.resume` do, with `SessionBusyError`, or with a `ConfigurationError` about
   * the input or the session. Model options do not reach the agents within.
   */
  async run(input: MessageInput, options: AgentRunOptions = {}): Promise<AgentResponse> {
    return this.#answer(input, options, undefined);
  }

  /** Answers an input piece by piece; starts at once. Leaving the loop early cancels the run. */
  stream(input: MessageInput, options: AgentRunOptions = {}): AgentStream {
    return startAgentStream(
      (onUpdate, signal) => this.#answer(input, { ...options, signal }, onUpdate),
      options.signal,
    );
  }

  /** Begins a conversation. */
  createSession(): AgentSession {
    return new AgentSession({ id: this.#ids('session') });
  }

  /** What the answer to a request of the workflow must be; a program can only tell as it runs. */
  answerSchemaOf({
    id,
    type,
    path,
  }: Pick<PendingRequest, 'id' | 'type' | 'path'>): StandardSchema | undefined {
    return this.#template.findResponseHandler({ id, type, path: path ?? [] })?.requestType.response;
  }

  async #answer(
    input: MessageInput,
    options: AgentRunOptions,
    onUpdate: OnUpdate | undefined,
  ): Promise<AgentResponse> {
    const { HostedConversations } = await import('./hosted-conversations.ts');
    this.#conversations ??= new HostedConversations(this.name, this.#template);
    return this.#conversations.answer(input, options, onUpdate);
  }
}
