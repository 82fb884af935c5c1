import { ColloquyError } from '@colloquy/core';

/** Why a turn was stopped from outside. */
export type StopKind = 'disconnected' | 'cancelled' | 'timeout' | 'tokens' | 'shutdown';

/** The reason that a turn's signal is aborted with. */
export class TurnStopped extends ColloquyError {
  static override readonly errorName: string = 'TurnStopped';

  readonly kind: StopKind;

  constructor(kind: StopKind) {
    super(`The turn was stopped: ${kind}.`, { code: 'hosting/turn-stopped' });
    this.kind = kind;
  }
}
