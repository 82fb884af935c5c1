import { ColloquyError } from '../errors/colloquy-error.ts';

/** A model called a tool with arguments that do not fit; the model is told. */
export class ToolArgumentsError extends ColloquyError {
  static override readonly errorName: string = 'ToolArgumentsError';

  constructor(toolName: string, problem: string, cause?: unknown) {
    super(`The arguments of "${toolName}" do not fit: ${problem}.`, {
      code: 'tool/invalid-arguments',
      cause,
    });
  }
}
