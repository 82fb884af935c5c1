import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue } from '../primitives/json.ts';
import { type JsonSchema, jsonSchemaOf } from '../schema/json-schema.ts';
import {
  describeIssues,
  isStandardSchema,
  type OutputOf,
  type StandardSchema,
} from '../schema/standard-schema.ts';
import { type FunctionTool } from './tool.ts';
import { type ToolContext } from './tool-context.ts';
import { ToolArgumentsError } from './tool-errors.ts';
import { TOOL_NAME } from './tool-name.ts';

/** What a tool is made of. */
export interface ToolDefinition<TSchema extends StandardSchema = StandardSchema> {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** Tells the model what the tool is for. */
  readonly description: string;
  /** The arguments: an object. */
  readonly input: TSchema;
  /** Whether a human must agree to a call, always or with these arguments; default false. */
  readonly needsApproval?: boolean | ((args: OutputOf<TSchema>) => boolean | Promise<boolean>);
  /** Runs the tool. What it returns is told to the model as JSON; what it throws, as an error message. */
  readonly execute: (args: OutputOf<TSchema>, context: ToolContext) => unknown;
}

/**
 * Defines a tool that agents can call.
 *
 * Security: the arguments come from a model, which may have been talked into anything it has read; check what `execute` does
 * with them, and use `needsApproval` where a call cannot be undone.
 *
 * @throws {ConfigurationError} `tool/invalid-definition` for a bad name or description, `schema/no-json-schema` for an
 * input that cannot be described to a model.
 */
export function defineTool<TSchema extends StandardSchema>(
  definition: ToolDefinition<TSchema>,
): FunctionTool {
  assertDefinition(definition);
  const { name, description, input, needsApproval = false, execute } = definition;
  return {
    kind: 'function',
    name,
    description,
    parameters: objectSchemaOf(name, input),
    parse: (args) => parseArguments(name, input, args),
    // `parse` has made the arguments what the schema says.
    needsApproval: (args) =>
      typeof needsApproval === 'function'
        ? needsApproval(args as OutputOf<TSchema>)
        : needsApproval,
    execute: (args, context) => execute(args as OutputOf<TSchema>, context),
  };
}

async function parseArguments(
  name: string,
  input: StandardSchema,
  args: unknown,
): Promise<unknown> {
  if (typeof args === 'string')
    throw new ToolArgumentsError(name, `expected a JSON object, got ${describeValue(args)}`);
  const result = await input['~standard'].validate(args);
  if (result.issues === undefined) return result.value;
  throw new ToolArgumentsError(name, describeIssues(result.issues));
}

function assertDefinition({ name, description, input, execute }: ToolDefinition): void {
  const checks: readonly (readonly [boolean, string])[] = [
    [
      typeof name === 'string' && TOOL_NAME.test(name),
      `a name of 1 to 64 letters, digits, _ and -, got ${describeValue(name)}`,
    ],
    [
      typeof description === 'string' && description !== '',
      `a description for "${name}" that tells a model what it is for, got ${describeValue(description)}`,
    ],
    [isStandardSchema(input), `a schema as the input of "${name}", got ${describeValue(input)}`],
    [
      typeof execute === 'function',
      `a function as execute of "${name}", got ${describeValue(execute)}`,
    ],
  ];
  const problems = checks.flatMap(([holds, expected]) => (holds ? [] : [expected]));
  if (problems.length > 0) throw invalidDefinition(problems.join('; and '));
}

/** Models call with an object, and services refuse tools that take anything else. */
function objectSchemaOf(name: string, input: StandardSchema): JsonSchema {
  const schema = jsonSchemaOf(input);
  const type = schema['type'];
  if (type === undefined || type === 'object') return schema;
  throw invalidDefinition(
    `an object as the input of "${name}", got a schema of type ${describeValue(type)}; put the value into a field`,
  );
}

function invalidDefinition(expected: string): ConfigurationError {
  return new ConfigurationError(`Expected ${expected}.`, { code: 'tool/invalid-definition' });
}
