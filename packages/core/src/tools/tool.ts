import { type JsonSchema } from '../schema/json-schema.ts';
import { type ToolContext } from './tool-context.ts';

/** What a model is told about a tool. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments object. */
  readonly parameters: JsonSchema;
}

/** A tool that runs in this process; made with `defineTool`. */
export interface FunctionTool extends ToolSpec {
  readonly kind: 'function';
  /** Whether a human must agree to a call with these (validated) arguments. */
  readonly needsApproval: (args: unknown) => boolean | Promise<boolean>;
  /** Validates the model's arguments; rejects with `ToolArgumentsError` when they do not fit. */
  readonly parse: (args: unknown) => Promise<unknown>;
  /** Runs the tool with validated arguments; what it returns is told to the model as JSON. */
  readonly execute: (args: unknown, context: ToolContext) => unknown;
}
