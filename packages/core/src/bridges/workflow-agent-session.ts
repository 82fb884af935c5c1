import { type AgentSession } from '../agents/agent-session.ts';
import { ChainWriter } from '../checkpoint/state-chain.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { messageOf } from '../errors/message-of.ts';
import { describeValue, isRecord, type JsonValue } from '../primitives/json.ts';
import { type HostedResult, type HostedWorkflow } from './hosted-workflow.ts';

/** Under which name a session's state holds where its workflow stands. */
const PLACE = 'workflow';

/** Where a session's workflow stands: at a stored checkpoint, or at a snapshot that the session carries itself. */
export type Place =
  | { readonly checkpointId: string }
  | { readonly snapshot: JsonValue }
  /** It holds what no checkpoint can carry; it can go on in this process only. */
  | { readonly problem: string };

/** Whether a session's workflow still stands where a note of it says; who restores a session replaces the note. */
export function placeNote(session: AgentSession): JsonValue | undefined {
  return session.state.get(PLACE);
}

/**
 * Reads where a session's workflow stands; `undefined` for a session without a run.
 *
 * @throws {ConfigurationError} `session/invalid-json` for a note of another workflow, or none of ours.
 */
export function readPlace(session: AgentSession, workflowName: string): Place | undefined {
  const note = placeNote(session);
  if (note === undefined) return undefined;
  const { name, checkpointId, snapshot, problem }: Record<string, unknown> = isRecord(note)
    ? note
    : {};
  if (name === workflowName) {
    if (typeof checkpointId === 'string') return { checkpointId };
    if (typeof problem === 'string') return { problem };
    if (isRecord(note) && snapshot !== undefined)
      return { snapshot: note['snapshot'] as JsonValue };
  }
  throw new ConfigurationError(
    `Expected session "${session.id}" to be one of workflow "${workflowName}", got state.${PLACE} ${describeValue(note)}. Use the session with the workflow that it belongs to, or create another.`,
    { code: 'session/invalid-json' },
  );
}

/** Notes in a session where its workflow has come to rest. */
export async function writePlace(
  session: AgentSession,
  workflow: HostedWorkflow,
  { threadId, checkpointId }: HostedResult,
): Promise<void> {
  const name = workflow.name;
  if (checkpointId === undefined)
    session.state.set(PLACE, { name, threadId, ...(await encodeSnapshot(workflow)) });
  else session.state.set(PLACE, { name, threadId, checkpointId });
}

async function encodeSnapshot(workflow: HostedWorkflow): Promise<{ [key: string]: JsonValue }> {
  try {
    return { snapshot: new ChainWriter().write(await workflow.saveNested()).stored.state };
  } catch (error) {
    // Whoever stays in this process needs no snapshot; whoever does not is told why there is none.
    return { problem: messageOf(error) };
  }
}

/** The snapshot that a session carries, as values. */
export function decodeSnapshot(snapshot: JsonValue): unknown {
  return ChainWriter.resume([snapshot]).value;
}
