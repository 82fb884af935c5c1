import { type Usage } from '@colloquy/core';

import { type CreateRequest } from './request-schema.ts';

/** Where a response stands. */
export type ResponseStatus =
  | 'queued'
  | 'in_progress'
  | 'completed'
  | 'failed'
  | 'incomplete'
  | 'cancelled';

/** Text that an agent wrote. */
export interface OutputTextPart {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly never[];
  readonly logprobs: readonly never[];
}

/** What an agent, or any other executor, has put out. */
export interface MessageItem {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly status: 'in_progress' | 'completed' | 'incomplete';
  readonly content: readonly OutputTextPart[];
  /** Who wrote it; an addition of ours to the protocol. */
  readonly author: string;
}

/** A question to a human, to be answered by a `function_call_output` with the same `call_id`. */
export interface FunctionCallItem {
  readonly id: string;
  readonly type: 'function_call';
  readonly status: 'in_progress' | 'completed';
  readonly call_id: string;
  /** The type of the request. */
  readonly name: string;
  /** JSON of `{ request_id, executor_id, data, response_schema }`. */
  readonly arguments: string;
}

/** A tool call that waits for a human's yes or no, to be answered by an `mcp_approval_response`. */
export interface ApprovalRequestItem {
  readonly id: string;
  readonly type: 'mcp_approval_request';
  /** The model, which is the workflow. */
  readonly server_label: string;
  readonly name: string;
  /** JSON of the call's arguments. */
  readonly arguments: string;
}

/** An event of the workflow, for those who asked for them. */
export interface WorkflowEventItem {
  readonly id: string;
  readonly type: 'colloquy:workflow_event';
  readonly status: 'completed';
  readonly event: unknown;
}

/** One part of a response's output. */
export type OutputItem = MessageItem | FunctionCallItem | ApprovalRequestItem | WorkflowEventItem;

/** Why a response is no answer. */
export interface ResponseError {
  readonly code: string;
  readonly message: string;
}

/** Tokens, as the protocol counts them. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** A response as clients see it. */
export interface ResponseResource {
  readonly id: string;
  readonly object: 'response';
  /** Seconds since the epoch. */
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly status: ResponseStatus;
  readonly background: boolean;
  readonly model: string;
  readonly previous_response_id: string | null;
  readonly conversation: { readonly id: string } | null;
  readonly output: readonly OutputItem[];
  readonly error: ResponseError | null;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly usage: WireUsage | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly store: boolean;
  /** What the client sent and the workflow does not use. */
  readonly [echoed: string]: unknown;
}

/** What is known of a response before it begins. */
export interface ResourceOptions {
  readonly id: string;
  readonly model: string;
  readonly createdAt: number;
  readonly status: 'queued' | 'in_progress';
  readonly conversationId?: string | undefined;
}

/** A response that has not begun. */
export function createResource(
  request: CreateRequest,
  { id, model, createdAt, status, conversationId }: ResourceOptions,
): ResponseResource {
  return {
    ...echoedSettings(request),
    id,
    object: 'response',
    created_at: Math.floor(createdAt / 1000),
    completed_at: null,
    status,
    background: request.background ?? false,
    model,
    previous_response_id: request.previous_response_id ?? null,
    conversation: conversationId === undefined ? null : { id: conversationId },
    output: [],
    error: null,
    incomplete_details: null,
    usage: null,
    metadata: request.metadata ?? {},
    store: request.store ?? true,
  };
}

/** Every field that clients may rely on; a workflow has its own models with their own settings. */
function echoedSettings(request: CreateRequest): Readonly<Record<string, unknown>> {
  return {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    temperature: request.temperature ?? 1,
    top_p: request.top_p ?? 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    top_logprobs: 0,
    truncation: 'disabled',
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    tool_choice: 'auto',
    tools: [],
    max_tool_calls: null,
    text: { format: { type: 'text' } },
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    safety_identifier: null,
    prompt_cache_key: null,
    user: request.user ?? null,
  };
}

/** Tokens as the protocol counts them. */
export function toWireUsage(usage: Usage): WireUsage {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: usage.totalTokens,
  };
}

/** Whether nothing more will come. */
export function isTerminal(status: ResponseStatus): boolean {
  return status !== 'queued' && status !== 'in_progress';
}
