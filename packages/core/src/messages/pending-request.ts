import { type JsonSchema } from '../schema/json-schema.ts';

/** A question that waits for its answer from outside. */
export interface PendingRequest {
  readonly id: string;
  readonly type: string;
  /** Who asked; in a sub-workflow, the executor that runs it. */
  readonly executorId: string;
  readonly data: unknown;
  /** JSON Schema of the answer. */
  readonly responseSchema: JsonSchema;
  /** From the executor that runs the sub-workflow down to who asked in it. */
  readonly path?: readonly string[];
}
