import { defineEvent, type EventType } from '../events/custom-event.ts';
import { defineMessage, type MessageType } from '../graph/message-type.ts';
import { isMessage, isMessageList, type Message } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { isRecord } from '../primitives/json.ts';
import { guardSchema } from '../schema/guard-schema.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type Tagged } from '../schema/tagged.ts';

interface RequestPayload {
  readonly messages: readonly Message[];
  /** Whether the agent answers now, or only adds the messages to what it will read. Default true. */
  readonly shouldRespond?: boolean;
}

interface ResponsePayload {
  readonly executorId: string;
  readonly response: AgentResponse;
  /** All that was said up to this answer, the answer included. */
  readonly conversation: readonly Message[];
}

interface UpdatePayload {
  readonly update: AgentResponseUpdate;
  /** Somebody decides what becomes of the answer before it counts: what is told of it comes with the output, if any. */
  readonly isDraft?: boolean;
}

/**
 * Asks an agent executor to answer, or, with `shouldRespond: false`, only to take note.
 *
 * A note that is the very object of one taken before in this conversation is ignored.
 */
export const AgentExecutorRequest: MessageType<AgentExecutorRequest, [payload: RequestPayload]> =
  defineMessage(
    'agent_executor_request',
    guardSchema(
      '{ messages, shouldRespond? }',
      (value): value is RequestPayload => isRecord(value) && isMessageList(value['messages']),
    ),
  );
export type AgentExecutorRequest = Tagged<'agent_executor_request', RequestPayload>;

/** An agent executor's answer, with the conversation that led to it. */
export const AgentExecutorResponse: MessageType<AgentExecutorResponse, [payload: ResponsePayload]> =
  defineMessage(
    'agent_executor_response',
    guardSchema(
      '{ executorId, response, conversation }',
      (value): value is ResponsePayload =>
        isRecord(value) && isRecord(value['response']) && isMessageList(value['conversation']),
    ),
  );
export type AgentExecutorResponse = Tagged<'agent_executor_response', ResponsePayload>;

/** Tells an agent executor to start afresh in the middle of a run, as when a plan is made anew: as a reset does. */
export const AgentExecutorReset: MessageType<AgentExecutorReset, []> =
  defineMessage('agent_executor_reset');
export type AgentExecutorReset = Tagged<'agent_executor_reset'>;

/** A piece of an agent's answer while it comes; emitted only where the run is streamed. */
export const AgentUpdate: EventType<AgentUpdate, [payload: UpdatePayload]> = defineEvent(
  'agent_update',
  guardSchema(
    '{ update, isDraft? }',
    (value): value is UpdatePayload =>
      isRecord(value) &&
      isRecord(value['update']) &&
      ['undefined', 'boolean'].includes(typeof value['isDraft']),
  ),
);
export type AgentUpdate = Tagged<'agent_update', UpdatePayload>;

/** A single message, as executors are sent it. */
export const messageSchema: StandardSchema<Message> = guardSchema('a message', isMessage);

/** Several messages in order. */
export const messageListSchema: StandardSchema<readonly Message[]> = guardSchema(
  'a list of messages',
  isMessageList,
);
