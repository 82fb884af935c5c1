import { type AgentRunOptions } from '../agents/agent-like.ts';
import { type AgentSession } from '../agents/agent-session.ts';
import { holdSession } from '../agents/hold-session.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type Message, type MessageInput, textOf, toMessages } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { addUsage } from '../messages/usage.ts';
import { type JsonValue } from '../primitives/json.ts';
import { type HostedResult, type HostedRun, type HostedWorkflow } from './hosted-workflow.ts';
import { sortInput, startInputOf } from './workflow-agent-input.ts';
import { contentOf, isApprovalRequest, messagesOf } from './workflow-agent-output.ts';
import { decodeSnapshot, placeNote, readPlace, writePlace } from './workflow-agent-session.ts';
import { WorkflowAgentUpdates } from './workflow-agent-updates.ts';

/** A session's instance, and the note in the session that says where it stands. */
interface OpenInstance {
  readonly workflow: HostedWorkflow;
  readonly note: JsonValue | undefined;
}

/** Hears what is said while it comes. */
export type OnUpdate = (update: AgentResponseUpdate) => void;

/**
 * The conversations that a workflow leads as an agent.
 *
 * Owns the sessions' instances in this process.
 *
 * Invariants:
 * - G1: an instance belongs to one session; a run without a session has one of its own, which ends with it.
 * - G2: a run that fails leaves its session as it was: the next one goes on from there.
 * - G3: of answers and something said in one input the answers come first; nothing of either is kept where one fails.
 */
export class HostedConversations {
  readonly #name: string;
  readonly #template: HostedWorkflow;
  readonly #instances = new WeakMap<AgentSession, OpenInstance>();

  /** @param template - Each conversation has a fork of it. */
  constructor(name: string, template: HostedWorkflow) {
    this.#name = name;
    this.#template = template;
  }

  /** Answers an input; in a session, as the next turn of its conversation. Rejects as `WorkflowAgent.run` does. */
  async answer(
    input: MessageInput,
    options: AgentRunOptions,
    onUpdate: OnUpdate | undefined,
  ): Promise<AgentResponse> {
    const { session, output } = options;
    if (output !== undefined) {
      throw new ConfigurationError(
        `Expected no output schema for "${this.#name}", since a workflow answers with what it yields, got one. Have the workflow yield the value.`,
        { code: 'agent/unsupported-output' },
      );
    }
    const messages = toMessages(input);
    if (session === undefined) {
      const workflow = this.#template.fork();
      const result = await this.#run(workflow, messages, options, onUpdate);
      this.#tellQuestion(workflow, result, onUpdate);
      return this.#responseOf(result);
    }
    return holdSession(this.#name, session, () =>
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
    this.#tellQuestion(workflow, result, onUpdate);
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

  /** G3 */
  async #run(
    workflow: HostedWorkflow,
    input: readonly Message[],
    options: AgentRunOptions & { readonly checkpointId?: string | undefined },
    onUpdate: OnUpdate | undefined,
  ): Promise<HostedResult> {
    const { responses, messages } = sortInput(input);
    if (Object.keys(responses).length === 0) {
      const { signal, runContext, checkpointId } = options;
      // What is stored has come to rest, so that nothing but the place changes.
      if (checkpointId !== undefined) await workflow.resume({ checkpointId, signal, runContext });
      return this.#start(workflow, messages, options, onUpdate);
    }
    const answered = await this.#resume(workflow, responses, options, onUpdate);
    if (messages.length === 0) return answered;
    return joinResults(answered, await this.#start(workflow, messages, options, onUpdate));
  }

  #resume(
    workflow: HostedWorkflow,
    responses: Readonly<Record<string, unknown>>,
    options: AgentRunOptions & { readonly checkpointId?: string | undefined },
    onUpdate: OnUpdate | undefined,
  ): Promise<HostedResult> {
    const { signal, runContext, checkpointId } = options;
    const resume = { signal, runContext, checkpointId, responses };
    if (onUpdate === undefined) return workflow.resume(resume);
    return this.#follow(workflow, workflow.streamResume(resume), onUpdate);
  }

  #start(
    workflow: HostedWorkflow,
    messages: readonly Message[],
    { signal, runContext }: AgentRunOptions,
    onUpdate: OnUpdate | undefined,
  ): Promise<HostedResult> {
    const start = startInputOf(workflow.graph, messages);
    if (onUpdate === undefined) return workflow.run(start, { signal, runContext });
    return this.#follow(workflow, workflow.stream(start, { signal, runContext }), onUpdate);
  }

  async #follow(
    workflow: HostedWorkflow,
    run: HostedRun,
    onUpdate: OnUpdate,
  ): Promise<HostedResult> {
    const updates = new WorkflowAgentUpdates(this.#name, workflow.graph.designation, onUpdate);
    for await (const event of run) updates.tell(event);
    return run.result;
  }

  /** Tells what the workflow waits for once it is at rest, as the last of a stream. */
  #tellQuestion(
    workflow: HostedWorkflow,
    { pendingRequests }: HostedResult,
    onUpdate: OnUpdate | undefined,
  ): void {
    const question = this.#questionOf(pendingRequests);
    if (onUpdate === undefined || question === undefined) return;
    const { designation } = workflow.graph;
    new WorkflowAgentUpdates(this.#name, designation, onUpdate).tellQuestion(question);
  }

  #responseOf({ outputs, pendingRequests, usage }: HostedResult): AgentResponse {
    const question = this.#questionOf(pendingRequests);
    const said = outputs.flatMap((output) => messagesOf(output, this.#name));
    const others = pendingRequests.filter((request) => !isApprovalRequest(contentOf(request)));
    return {
      agentName: this.#name,
      messages: question === undefined ? said : [...said, question],
      text: said.map(textOf).findLast((text) => text !== '') ?? '',
      usage,
      value: undefined,
      approvalRequests: question?.contents.filter(isApprovalRequest) ?? [],
      ...(others.length === 0 ? {} : { pendingRequests: others }),
    };
  }

  /** All that waits for an answer, as one message. */
  #questionOf(requests: readonly PendingRequest[]): Message | undefined {
    if (requests.length === 0) return undefined;
    return { role: 'assistant', contents: requests.map(contentOf), authorName: this.#name };
  }
}

/** What two runs came to, one after the other, as what one came to. */
function joinResults(first: HostedResult, second: HostedResult): HostedResult {
  const outputs = [...first.outputs, ...second.outputs];
  return { ...second, outputs, usage: addUsage(first.usage, second.usage) };
}
