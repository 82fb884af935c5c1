import { type Logger } from '../src/primitives/logger.ts';

/** A logger that keeps its warnings. */
export interface RecordingLogger extends Logger {
  readonly warnings: readonly string[];
}

/** Makes a logger that keeps its warnings. */
export function createRecordingLogger(): RecordingLogger {
  const warnings: string[] = [];
  return { warnings, warn: (message) => warnings.push(message), debug: () => {} };
}
