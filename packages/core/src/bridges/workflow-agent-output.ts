import { type PendingRequest } from '../messages/pending-request.ts';
import {
  type Content,
  type FunctionApprovalRequestContent,
  type FunctionCallContent,
} from '../messages/content.ts';
import { isMessage, isMessageList, type Message, textMessage } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { isRecord, type JsonObject } from '../primitives/json.ts';
import { ToolApproval } from './tool-approval.ts';

/** What a workflow yielded, as messages: responses and messages as they are, text as text, anything else as its JSON. */
export function messagesOf(output: unknown, agentName: string): readonly Message[] {
  if (isResponse(output)) return output.messages;
  if (isMessage(output)) return [output];
  if (isMessageList(output) && output.length > 0) return output;
  const text = typeof output === 'string' ? output : (JSON.stringify(output) ?? String(output));
  return [textMessage('assistant', text, agentName)];
}

function isResponse(value: unknown): value is AgentResponse {
  return (
    isRecord(value) && typeof value['agentName'] === 'string' && isMessageList(value['messages'])
  );
}

/** A request as an approval to give or a call to answer; its id is the approval's, or the call's. */
export function contentOf(
  request: PendingRequest,
): FunctionApprovalRequestContent | FunctionCallContent {
  const { id, type, data } = request;
  if (type !== ToolApproval.tag || !isRecord(data))
    return { type: 'function_call', callId: id, name: type, arguments: argumentsOf(data) };
  const functionCall: FunctionCallContent = {
    type: 'function_call',
    callId: String(data['callId']),
    name: String(data['name']),
    arguments: argumentsOf(data['arguments']),
  };
  return { type: 'function_approval_request', id, functionCall };
}

/** Data as a call's arguments: an object as it is in JSON, anything else under `value`. */
function argumentsOf(data: unknown): JsonObject | string {
  if (typeof data === 'string') return data;
  const json: unknown = JSON.parse(JSON.stringify(data) ?? 'null');
  return isRecord(json) ? (json as JsonObject) : JSON.parse(JSON.stringify({ value: json }));
}

/** Claims that a content asks for a human's yes or no. */
export function isApprovalRequest(content: Content): content is FunctionApprovalRequestContent {
  return content.type === 'function_approval_request';
}
