import { type AskedRequest } from '../graph/executor.ts';
import { type RequestType } from '../graph/request-type.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';

/** Takes anything, as it is. */
const ANYTHING: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'colloquy', validate: (value) => ({ value }) },
};

/**
 * The kind of a question that an agent asks, as its executor takes the answer to it.
 *
 * @param schema - Judges the answer; without one every answer is taken, and the agent judges.
 */
export function agentQuestionType(
  { type: tag }: AskedRequest,
  schema: StandardSchema | undefined,
): RequestType {
  return {
    kind: 'request',
    tag,
    request: ANYTHING,
    response: schema === undefined ? ANYTHING : judgedBy(schema),
    responseSchema: {},
    is: (asked: PendingRequest): asked is PendingRequest & { readonly data: unknown } =>
      asked.type === tag,
  };
}

/** Refuses what a schema refuses, and leaves the rest as it came: who asked makes of it what the schema makes. */
function judgedBy(schema: StandardSchema): StandardSchema<unknown, unknown> {
  return {
    '~standard': {
      version: 1,
      vendor: 'colloquy',
      validate: (value) => {
        const result = schema['~standard'].validate(value);
        if (result instanceof Promise) return result;
        return result.issues === undefined ? { value } : result;
      },
    },
  };
}
