import { type PendingRequest } from '../messages/pending-request.ts';
import { type RequestType } from '../graph/request-type.ts';
import { isRecord } from '../primitives/json.ts';
import { guardSchema } from '../schema/guard-schema.ts';

/** The call that a human is asked about. */
export interface ToolApprovalRequest {
  /** The tool's name. */
  readonly name: string;
  /** As the model gave them; text where they could not be read. */
  readonly arguments: unknown;
  readonly callId: string;
}

/** Whether the call may be made. */
export interface ToolApprovalAnswer {
  readonly approve: boolean;
  /** Told to the model when the call is declined. */
  readonly reason?: string | undefined;
}

/** Asks whether an agent in a workflow may call a tool. */
export const ToolApproval: RequestType<ToolApprovalRequest, ToolApprovalAnswer> = Object.freeze({
  kind: 'request',
  tag: 'tool_approval',
  request: guardSchema(
    '{ name, arguments, callId }',
    (value): value is ToolApprovalRequest =>
      isRecord(value) && typeof value['name'] === 'string' && typeof value['callId'] === 'string',
  ),
  response: guardSchema(
    '{ approve: boolean, reason?: string }',
    (value): value is ToolApprovalAnswer =>
      isRecord(value) &&
      typeof value['approve'] === 'boolean' &&
      ['undefined', 'string'].includes(typeof value['reason']),
  ),
  responseSchema: {
    type: 'object',
    properties: { approve: { type: 'boolean' }, reason: { type: 'string' } },
    required: ['approve'],
  },
  is: (asked: PendingRequest): asked is PendingRequest & { readonly data: ToolApprovalRequest } =>
    asked.type === 'tool_approval',
});
