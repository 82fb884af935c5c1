import { defineMessage, type MessageType } from '../graph/message-type.ts';
import { isRecord } from '../primitives/json.ts';
import { guardSchema } from '../schema/guard-schema.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type Tagged } from '../schema/tagged.ts';

interface RequestPayload {
  /** Which executor runs the sub-workflow; the answer is sent to it. */
  readonly executorId: string;
  readonly requestId: string;
  /** The kind of request, as `defineRequest` named it. */
  readonly requestType: string;
  readonly data: unknown;
  /** Who asked, from the sub-workflow's executors down. */
  readonly path: readonly string[];
}

interface ResponsePayload {
  readonly requestId: string;
  readonly answer: unknown;
}

const isRequest = (value: unknown): value is RequestPayload =>
  isRecord(value) && typeof value['requestId'] === 'string' && Array.isArray(value['path']);

/** Makes the message by which a sub-workflow's request is sent to its parent's executors. */
export const SubWorkflowQuestion: MessageType<
  Tagged<'sub_workflow_request', RequestPayload>,
  [payload: RequestPayload]
> = defineMessage(
  'sub_workflow_request',
  guardSchema('{ executorId, requestId, requestType, data, path }', isRequest),
);

/** The answer of a parent's executor to a sub-workflow's request. */
export const SubWorkflowResponse: MessageType<SubWorkflowResponse, [payload: ResponsePayload]> =
  defineMessage(
    'sub_workflow_response',
    guardSchema(
      '{ requestId, answer }',
      (value): value is ResponsePayload =>
        isRecord(value) && typeof value['requestId'] === 'string',
    ),
  );
export type SubWorkflowResponse = Tagged<'sub_workflow_response', ResponsePayload>;

/** A request of a sub-workflow, as a parent's executor gets it. */
export interface SubWorkflowRequest extends RequestPayload {
  /** Makes the message that answers it; send it to `executorId`. */
  readonly answer: (this: void, answer: unknown) => SubWorkflowResponse;
}

/** Matches a sub-workflow's requests, where it was made with `requests: 'parent'`. */
export const SubWorkflowRequest: StandardSchema<RequestPayload, SubWorkflowRequest> = {
  '~standard': {
    version: 1,
    vendor: 'colloquy',
    validate: (value) => {
      if (!SubWorkflowQuestion.is(value))
        return { issues: [{ message: 'expected a request of a sub-workflow' }] };
      const { requestId } = value;
      const answer = (given: unknown): SubWorkflowResponse =>
        SubWorkflowResponse({ requestId, answer: given });
      return { value: { ...value, answer } };
    },
  },
};
