import { type JsonObject, type JsonValue } from '../primitives/json.ts';
import { type Usage } from './usage.ts';

/** Text of a message. */
export interface TextContent {
  readonly type: 'text';
  readonly text: string;
}

/** What a model shows of its reasoning; `protected` is opaque to us and goes back to the provider unchanged. */
export interface ReasoningContent {
  readonly type: 'reasoning';
  readonly text: string;
  readonly protected?: string;
}

/** Bytes carried inside the message. */
export interface DataContent {
  readonly type: 'data';
  /** Base64, without a `data:` prefix. */
  readonly data: string;
  /** Such as `image/png`. */
  readonly mediaType: string;
  readonly filename?: string;
}

/** Bytes that lie elsewhere. */
export interface UriContent {
  readonly type: 'uri';
  readonly uri: string;
  readonly mediaType?: string;
}

/** A model asks for a tool to be called. */
export interface FunctionCallContent {
  readonly type: 'function_call';
  /** Pairs the call with its result; unique within a conversation. */
  readonly callId: string;
  readonly name: string;
  /**
   * The arguments as an object; as text where they are a fragment of a stream or not a JSON object, so that what
   * the model wrote is never lost.
   */
  readonly arguments: JsonObject | string;
}

/** What a tool call came to: a result, or the message of an error that the model is told. */
export type FunctionResultContent =
  | {
      readonly type: 'function_result';
      readonly callId: string;
      readonly result: JsonValue;
      readonly error?: never;
    }
  | {
      readonly type: 'function_result';
      readonly callId: string;
      readonly error: string;
      readonly result?: never;
    };

/** A tool call waits for a human's yes or no. */
export interface FunctionApprovalRequestContent {
  readonly type: 'function_approval_request';
  /** Names this question; the response carries the same id. */
  readonly id: string;
  readonly functionCall: FunctionCallContent;
}

/** A human's answer to a `function_approval_request`. */
export interface FunctionApprovalResponseContent {
  readonly type: 'function_approval_response';
  readonly id: string;
  readonly approved: boolean;
  readonly reason?: string;
}

/** Tokens that a part of a stream reports. */
export interface UsageContent {
  readonly type: 'usage';
  readonly usage: Usage;
}

/** A failure that is part of the conversation. */
export interface ErrorContent {
  readonly type: 'error';
  readonly message: string;
  readonly code?: string;
}

/** One part of a message; plain JSON, told apart by `type`. */
export type Content =
  | TextContent
  | ReasoningContent
  | DataContent
  | UriContent
  | FunctionCallContent
  | FunctionResultContent
  | FunctionApprovalRequestContent
  | FunctionApprovalResponseContent
  | UsageContent
  | ErrorContent;
