import { type ChatOptions } from '@colloquy/core';

/** The options of one request with the client's defaults under them. */
export interface ModelRequest extends ChatOptions {
  readonly model: string;
}

/** A request with what its answer is read with. */
export interface AnsweredRequest extends ModelRequest {
  /** For tool calls that the server gave no id. */
  readonly createCallId: () => string;
}
