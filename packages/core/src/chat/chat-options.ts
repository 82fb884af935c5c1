import { type JsonSchema } from '../schema/json-schema.ts';
import { type ToolSpec } from '../tools/tool.ts';

/** Asks for an answer that is JSON of a given shape. */
export interface OutputSpec {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  readonly schema: JsonSchema;
}

/** Settings of the model that every provider understands; a provider ignores none silently. */
export interface ModelOptions {
  readonly model?: string;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxOutputTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly toolChoice?: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly parallelToolCalls?: boolean;
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  /** Fields of the provider's own request, merged last. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** One model request beside its messages. */
export interface ChatOptions extends ModelOptions {
  /** Goes before the messages as the system prompt. */
  readonly instructions?: string;
  readonly tools?: readonly ToolSpec[];
  readonly output?: OutputSpec;
  /** The session on whose behalf the request is sent. */
  readonly sessionId?: string;
  /** The agent on whose behalf the request is sent. */
  readonly agentName?: string;
  /** Where in a run the request is sent, as `AgentRunOptions.runPath` says; for recordings, never for the model. */
  readonly runPath?: string;
  readonly signal?: AbortSignal;
}
