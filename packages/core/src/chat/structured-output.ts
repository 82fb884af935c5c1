import { ColloquyError } from '../errors/colloquy-error.ts';
import { describeValue, tryParseJson } from '../primitives/json.ts';
import { jsonSchemaOf } from '../schema/json-schema.ts';
import {
  describeIssues,
  type SchemaIssue,
  type StandardSchema,
} from '../schema/standard-schema.ts';
import { type OutputSpec } from './chat-options.ts';

/** A model's answer does not have the shape that was asked for. */
export class StructuredOutputError extends ColloquyError {
  static override readonly errorName: string = 'StructuredOutputError';

  /** What the model answered. */
  readonly text: string;
  /** What is wrong with it; empty where it is not JSON at all. */
  readonly issues: readonly SchemaIssue[];

  constructor(text: string, issues: readonly SchemaIssue[]) {
    const problem = issues.length === 0 ? 'it is not JSON' : describeIssues(issues);
    super(
      `Expected the model to answer with JSON of the shape that was asked for, got ${describeValue(text)}: ${problem}. Say the shape in the instructions, or use a model with structured output.`,
      { code: 'agent/invalid-output' },
    );
    this.text = text;
    this.issues = issues;
  }
}

/** What a model is told about the shape of its answer. */
export function outputSpecOf(output: StandardSchema): OutputSpec {
  return { name: 'output', schema: jsonSchemaOf(output) };
}

/**
 * Reads a validated value out of a model's answer; a code fence around the JSON is taken off.
 *
 * @throws {StructuredOutputError} when the answer is not JSON or does not fit.
 */
export async function parseStructuredOutput(
  output: StandardSchema,
  text: string,
): Promise<unknown> {
  const json = tryParseJson(withoutFence(text));
  if (json === undefined) throw new StructuredOutputError(text, []);
  const result = await output['~standard'].validate(json);
  if (result.issues === undefined) return result.value;
  throw new StructuredOutputError(text, result.issues);
}

function withoutFence(text: string): string {
  return /^\s*```[a-z]*\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(text)?.[1] ?? text;
}
