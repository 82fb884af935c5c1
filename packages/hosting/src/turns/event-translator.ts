import {
  addUsage,
  AgentUpdate,
  type Content,
  eventToJson,
  type Message,
  type PendingRequest,
  ToolApproval,
  type ToolApprovalRequest,
  type Usage,
  type Workflow,
  type WorkflowEvent,
} from '@colloquy/core';
import { BUILT_IN_EVENT_TYPES, messagesOf } from '@colloquy/core/spi';

import { type PendingQuestion } from '../store/records.ts';
import { plainJson } from '../wire/plain-json.ts';
import { type ResponseBuilder } from '../wire/response-builder.ts';

/** What a translator works with. */
export interface TranslatorOptions {
  readonly builder: ResponseBuilder;
  /** The model's name, as the client knows it. */
  readonly model: string;
  /** Whether intermediate outputs and the executors' own events are told as items. */
  readonly wantsEvents: boolean;
  /** Hears of all tokens used so far, each time there are more. */
  readonly onUsage: (usage: Usage) => void;
}

const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };

/**
 * Tells a workflow's events as items of a response.
 *
 * What an agent says is told as it says it, any other output when it is yielded; of tool calls and their results nothing
 * is told, since a client would take them for its own.
 *
 * Owns which executors have been heard since their last output, and which message each is at.
 *
 * Invariants:
 * - W1: nothing is told twice: an output whose pieces were told is not told again.
 * - W2: a draft counts as usage and is not told; what becomes of it is told when it is yielded.
 */
export class EventTranslator {
  readonly #options: TranslatorOptions;
  readonly #messages = new Map<string, { readonly key: string; readonly id: string | undefined }>();
  readonly #heard = new Set<string>();
  #written = 0;
  #usage: Usage = NO_USAGE;

  constructor(options: TranslatorOptions) {
    this.#options = options;
  }

  /** The tokens that agents have reported so far. */
  get usage(): Usage {
    return this.#usage;
  }

  /** Tells what an event adds. What happens in a sub-workflow is told when it comes out. */
  tell(event: WorkflowEvent, workflow: Workflow): void {
    if (AgentUpdate.is(event)) {
      this.#count(event.update.contents);
      const isOutput =
        event.path === undefined && workflow.graph.designation(event.executorId) === 'output';
      // W2
      if (isOutput && event.isDraft !== true) this.#tellUpdate(event);
    } else if (event.path === undefined) this.#tellOther(event);
  }

  /** Asks the client what waits for a human. */
  ask(requests: readonly PendingRequest[]): void {
    for (const request of requests) {
      const approval = approvalIn(request);
      if (approval === undefined) this.#askCall(request);
      else this.#askApproval(request.id, approval);
    }
  }

  #tellOther(event: WorkflowEvent): void {
    if (event.type === 'output' && 'data' in event) this.#tellOutput(event);
    const isOwn = event.type === 'intermediate' || !BUILT_IN_EVENT_TYPES.has(event.type);
    if (this.#options.wantsEvents && isOwn)
      this.#options.builder.addWorkflowEvent(eventToJson(event));
  }

  #count(contents: readonly Content[]): void {
    for (const content of contents) {
      if (content.type !== 'usage') continue;
      this.#usage = addUsage(this.#usage, content.usage);
      this.#options.onUsage(this.#usage);
    }
  }

  #tellUpdate({ update, executorId }: AgentUpdate & { readonly executorId: string }): void {
    for (const content of update.contents) {
      if (content.type === 'text' && content.text !== '') {
        this.#heard.add(executorId);
        const key = this.#keyOf(executorId, update.messageId);
        this.#options.builder.write(key, update.agentName, content.text);
      } else if (content.type === 'function_call' || content.type === 'function_result')
        this.#endMessageOf(executorId);
    }
  }

  /** The message that an executor is at; a change of `id` begins another. */
  #keyOf(executorId: string, id: string | undefined): string {
    const current = this.#messages.get(executorId);
    if (current !== undefined && (id === undefined || current.id === id)) return current.key;
    this.#endMessageOf(executorId);
    const key = this.#nextKey();
    this.#messages.set(executorId, { key, id });
    return key;
  }

  #nextKey(): string {
    this.#written += 1;
    return `${this.#written}`;
  }

  #endMessageOf(executorId: string): void {
    const current = this.#messages.get(executorId);
    if (current === undefined) return;
    this.#messages.delete(executorId);
    this.#options.builder.endMessage(current.key);
  }

  /** W1 */
  #tellOutput({ executorId, data }: { readonly executorId: string; readonly data: unknown }): void {
    this.#endMessageOf(executorId);
    if (this.#heard.delete(executorId)) return;
    for (const message of messagesOf(data, executorId)) this.#tellMessage(message, executorId);
  }

  #tellMessage({ role, contents, authorName }: Message, executorId: string): void {
    const text = role === 'tool' ? '' : contents.map(textOfContent).join('');
    const key = this.#nextKey();
    this.#options.builder.write(key, authorName ?? executorId, text);
    this.#options.builder.endMessage(key);
  }

  #askApproval(requestId: string, { name, arguments: args }: ToolApprovalRequest): void {
    this.#options.builder.addApprovalRequest({
      id: approvalIdOf(requestId),
      server_label: this.#options.model,
      name,
      arguments: typeof args === 'string' ? args : JSON.stringify(plainJson(args)),
    });
  }

  #askCall({ id, type, executorId, data, responseSchema }: PendingRequest): void {
    const question = {
      request_id: id,
      executor_id: executorId,
      data: plainJson(data),
      response_schema: responseSchema,
    };
    this.#options.builder.addFunctionCall({
      call_id: id,
      name: type,
      arguments: JSON.stringify(question),
    });
  }
}

/** What clients and the next turn need to know of requests that wait. */
export function questionsOf(requests: readonly PendingRequest[]): readonly PendingQuestion[] {
  return requests.map((request) => {
    const isApproval = approvalIn(request) !== undefined;
    return {
      id: request.id,
      kind: isApproval ? 'approval' : 'output',
      itemId: isApproval ? approvalIdOf(request.id) : request.id,
      takesText: request.responseSchema['type'] === 'string',
    };
  });
}

/** The call that a request asks a yes or no for, where it is such a request. */
function approvalIn({ type, data }: PendingRequest): ToolApprovalRequest | undefined {
  const isApproval = type === ToolApproval.tag && typeof data === 'object' && data !== null;
  // Such a request's data was checked when it was asked.
  return isApproval ? (data as ToolApprovalRequest) : undefined;
}

/** The id of the item that asks for a yes or no; the same wherever the request is told. */
function approvalIdOf(requestId: string): string {
  return `mcpr_${requestId}`;
}

/** What a content adds to a text. */
function textOfContent(content: Content): string {
  if (content.type === 'text') return content.text;
  return content.type === 'uri' ? content.uri : '';
}
