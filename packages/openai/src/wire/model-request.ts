import { type ChatOptions } from '@colloquy/core';

/** The options of one request with the client's defaults under them. */
export interface ModelRequest extends ChatOptions {
  readonly model: string;
}
