import { type AgentLike } from '../agents/agent-like.ts';
import { type AgentExecutorInput } from '../bridges/agent-executor.ts';
import { type AgentUpdate } from '../bridges/agent-executor-protocol.ts';
import { type AnyCustomEvent } from '../events/workflow-event.ts';
import { type Executor } from '../graph/executor.ts';
import { type ExecutorDefinition } from '../graph/executor-definition.ts';
import { type Handler } from '../graph/handler.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type OutputOf } from '../schema/standard-schema.ts';
import { type TaggedOf } from '../schema/tagged.ts';

/** Makes an executor for one workflow instance; called once more when the workflow is built, to read its id. */
export type ExecutorFactory = () => Executor;

/** What the builder takes as an executor. */
export type ExecutorSource = ExecutorDefinition<unknown> | ExecutorFactory | Executor | AgentLike;

/** The type of the messages that an executor takes. */
export type AcceptedOf<TSource> =
  TSource extends ExecutorDefinition<infer TAccepted>
    ? TAccepted
    : TSource extends () => infer TExecutor
      ? AcceptedOf<TExecutor>
      : TSource extends { readonly handlers: readonly Handler<infer TAccepted>[] }
        ? TAccepted
        : TSource extends AgentLike
          ? AgentExecutorInput
          : never;

/** The type of what an executor yields; `unknown` where that is not declared. */
export type YieldedOf<TSource> =
  TSource extends ExecutorDefinition<unknown, infer TOptions>
    ? TOptions extends { readonly yields: infer TSchema }
      ? OutputOf<TSchema>
      : unknown
    : TSource extends () => infer TExecutor
      ? YieldedOf<TExecutor>
      : TSource extends { readonly agent: AgentLike }
        ? AgentResponse
        : TSource extends { readonly yields: infer TSchema }
          ? OutputOf<TSchema>
          : TSource extends AgentLike
            ? AgentResponse
            : unknown;

/** The events that an executor declares to emit. */
export type EmittedOf<TSource> =
  TSource extends ExecutorDefinition<unknown, infer TOptions>
    ? TOptions extends { readonly emits: readonly (infer TEventType)[] }
      ? CustomEventOf<TEventType>
      : never
    : TSource extends () => infer TExecutor
      ? EmittedOf<TExecutor>
      : TSource extends { readonly emits: readonly (infer TEventType)[] }
        ? CustomEventOf<TEventType>
        : TSource extends AgentLike
          ? AgentUpdate
          : never;

type CustomEventOf<TEventType> = Extract<TaggedOf<TEventType>, AnyCustomEvent>;
