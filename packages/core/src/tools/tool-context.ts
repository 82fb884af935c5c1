/** What a tool is given beside its arguments. */
export interface ToolContext {
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** The model's id of this call. */
  readonly callId: string;
  /** The agent that calls. */
  readonly agentName: string;
  /** The session of the run. */
  readonly sessionId: string | undefined;
  /** What the caller passed as `runContext`; never stored. */
  readonly runContext: unknown;
}
