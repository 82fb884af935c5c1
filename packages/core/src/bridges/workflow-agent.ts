import { type AgentLike, type AgentRunOptions, type AgentStream } from '../agents/agent-like.ts';
import { AgentSession } from '../agents/agent-session.ts';
import { startAgentStream } from '../agents/agent-stream.ts';
import { holdSession } from '../agents/hold-session.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { type PendingRequest } from '../events/workflow-event.ts';
import { type Message, type MessageInput, textOf, toMessages } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { createId, type IdSource } from '../primitives/ids.ts';
import { type JsonValue } from '../primitives/json.ts';
import { type HostedResult, type HostedRun, type HostedWorkflow } from './hosted-workflow.ts';
import { assertTakesMessages, sortInput, startInputOf } from './workflow-agent-input.ts';
import { contentOf, isApprovalRequest, messagesOf } from './workflow-agent-output.ts';
import { decodeSnapshot, placeNote, readPlace, writePlace } from './workflow-agent-session.ts';
import { WorkflowAgentUpdates } from './workflow-agent-updates.ts';

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

/** A session's instance, and the note in the session that says where it stands. */
interface OpenInstance {
  readonly workflow: HostedWorkflow;
  readonly note: JsonValue | undefined;
}

type OnUpdate = (update: AgentResponseUpdate) => void;

/**
 * A workflow as an agent: every session has an instance of its own.
 *
 * What the workflow yields is the answer; its requests appear as approval requests or function calls, and are answered
 * by approval responses or function results. A session's JSON is enough to go on in another process: it names the
 * checkpoint, or carries the state where the workflow has no store.
 *
 * Owns the sessions' instances in this process.
 *
 * Invariants:
 * - G1: an instance belongs to one session; a run without a session has one of its own, which ends with it.
 * - G2: a run that fails leaves its session as it was: the next one goes on from there.
 */
export class WorkflowAgent implements AgentLike {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly #template: HostedWorkflow;
  readonly #ids: IdSource;
  readonly #instances = new WeakMap<AgentSession, OpenInstance>();

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

  async #answer(
    input: MessageInput,
    options: AgentRunOptions,
    onUpdate: OnUpdate | undefined,
  ): Promise<AgentResponse> {
    const { session, output } = options;
    if (output !== undefined) {
      throw new ConfigurationError(
        `Expected no output schema for "${this.name}", since a workflow answers with what it yields, got one. Have the workflow yield the value.`,
        { code: 'agent/unsupported-output' },
      );
    }
    const messages = toMessages(input);
    if (session === undefined)
      return this.#responseOf(await this.#run(this.#template.fork(), messages, options, onUpdate));
    return holdSession(this.name, session, () =>
      this.#answerIn(session, messages, options, onUpdate),
    );
  }

  async #answerIn(
    session: AgentSession,
    messages: readonly Message[],
    options: AgentRunOptions,
    onUpdate: OnUpdate | undefined,
  ): Promise<AgentResponse> {
    const { workflow, checkpointId } = await this.#open(session, options);
    // G2
    this.#instances.delete(session);
    const result = await this.#run(workflow, messages, { ...options, checkpointId }, onUpdate);
    await writePlace(session, workflow, result);
    this.#instances.set(session, { workflow, note: placeNote(session) });
    const response = this.#responseOf(result);
    session.append([...messages, ...response.messages]);
    return response;
  }

  /** G1: the session's instance; where this process has none that stands where the session says, another. */
  async #open(
    session: AgentSession,
    options: AgentRunOptions,
  ): Promise<{ readonly workflow: HostedWorkflow; readonly checkpointId?: string }> {
    const open = this.#instances.get(session);
    if (open !== undefined && open.note === placeNote(session)) return { workflow: open.workflow };
    const workflow = this.#template.fork();
    const place = readPlace(session, workflow.name);
    if (place === undefined) return { workflow };
    if ('checkpointId' in place) return { workflow, checkpointId: place.checkpointId };
    if ('problem' in place) {
      throw new ConfigurationError(
        `Expected session "${session.id}" to carry the state of workflow "${workflow.name}", got none, because ${place.problem} Give the workflow a store, or state that a checkpoint can carry.`,
        { code: 'session/not-portable' },
      );
    }
    options.signal?.throwIfAborted();
    await workflow.restoreNested(decodeSnapshot(place.snapshot));
    return { workflow };
  }

  async #run(
    workflow: HostedWorkflow,
    input: readonly Message[],
    options: AgentRunOptions & { readonly checkpointId?: string | undefined },
    onUpdate: OnUpdate | undefined,
  ): Promise<HostedResult> {
    const { signal, runContext, checkpointId } = options;
    const { responses, messages } = sortInput(input);
    if (Object.keys(responses).length > 0) {
      const resume = { signal, runContext, checkpointId, responses };
      if (onUpdate === undefined) return workflow.resume(resume);
      return this.#follow(workflow, workflow.streamResume(resume), onUpdate);
    }
    // What is stored has come to rest, so that nothing but the place changes.
    if (checkpointId !== undefined) await workflow.resume({ checkpointId, signal, runContext });
    const start = startInputOf(workflow.graph, messages);
    if (onUpdate === undefined) return workflow.run(start, { signal, runContext });
    return this.#follow(workflow, workflow.stream(start, { signal, runContext }), onUpdate);
  }

  async #follow(
    workflow: HostedWorkflow,
    run: HostedRun,
    onUpdate: OnUpdate,
  ): Promise<HostedResult> {
    const updates = new WorkflowAgentUpdates(this.name, workflow.graph.designation, onUpdate);
    for await (const event of run) updates.tell(event);
    const result = await run.result;
    const question = this.#questionOf(result.pendingRequests);
    if (question !== undefined) updates.tellMessage(question);
    return result;
  }

  #responseOf({ outputs, pendingRequests, usage }: HostedResult): AgentResponse {
    const question = this.#questionOf(pendingRequests);
    const said = outputs.flatMap((output) => messagesOf(output, this.name));
    return {
      agentName: this.name,
      messages: question === undefined ? said : [...said, question],
      text: said.map(textOf).findLast((text) => text !== '') ?? '',
      usage,
      value: undefined,
      approvalRequests: question?.contents.filter(isApprovalRequest) ?? [],
    };
  }

  /** All that waits for an answer, as one message. */
  #questionOf(requests: readonly PendingRequest[]): Message | undefined {
    if (requests.length === 0) return undefined;
    return { role: 'assistant', contents: requests.map(contentOf), authorName: this.name };
  }
}
