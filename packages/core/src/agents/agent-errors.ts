import { ColloquyError } from '../errors/colloquy-error.ts';

/** A second run on a session whose run has not ended; nothing was changed. */
export class SessionBusyError extends ColloquyError {
  static override readonly errorName: string = 'SessionBusyError';

  constructor(agentName: string, sessionId: string) {
    super(
      `Agent "${agentName}" cannot run on session "${sessionId}": another run on it has not ended. Await that run, or give each conversation a session of its own.`,
      { code: 'session/busy' },
    );
  }
}
