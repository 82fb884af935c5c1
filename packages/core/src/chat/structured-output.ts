import { ColloquyError } from '../errors/colloquy-error.ts';
import { type FinishReason } from '../messages/response.ts';
import { describeValue, type JsonValue, tryParseJson } from '../primitives/json.ts';
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
  /** Why the model stopped: after `content_filter` or `length` there is no whole answer to read. */
  readonly finishReason: FinishReason | undefined;

  constructor(text: string, issues: readonly SchemaIssue[], finishReason?: FinishReason) {
    const problem = issues.length === 0 ? 'it is not JSON' : describeIssues(issues);
    super(
      `Expected the model to answer with JSON of the shape that was asked for, got ${describeValue(text)}: ${problem}. ${remedyFor(finishReason)}`,
      { code: 'agent/invalid-output' },
    );
    this.text = text;
    this.issues = issues;
    this.finishReason = finishReason;
  }
}

function remedyFor(finishReason: FinishReason | undefined): string {
  if (finishReason === 'content_filter')
    return 'The model refused, or the service filtered its answer: change what is asked.';
  if (finishReason === 'length') return 'The answer was cut off: raise maxOutputTokens.';
  return 'Say the shape in the instructions, or use a model with structured output.';
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
  finishReason?: FinishReason,
): Promise<unknown> {
  const json = readJson(text);
  if (json === undefined) throw new StructuredOutputError(text, [], finishReason);
  const result = await output['~standard'].validate(json);
  if (result.issues === undefined) return result.value;
  throw new StructuredOutputError(text, result.issues, finishReason);
}

/** The JSON of a text: all of it, else what its first code fence holds. */
function readJson(text: string): JsonValue | undefined {
  const whole = tryParseJson(text);
  if (whole !== undefined) return whole;
  const fenced = /```[a-z]*\s*\n([\s\S]*?)\n\s*```/i.exec(text)?.[1];
  return fenced === undefined ? undefined : tryParseJson(fenced);
}
