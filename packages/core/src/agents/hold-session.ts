import { SessionBusyError } from './agent-errors.ts';
import { type AgentSession } from './agent-session.ts';

/** Sessions with a run that has not ended. A run takes its session before any await and gives it back when it ends. */
const busySessions = new WeakSet<AgentSession>();

/** Does one run's work on a session; rejects with `SessionBusyError` while another is at work on it. */
export async function holdSession<T>(
  agentName: string,
  session: AgentSession,
  work: () => Promise<T>,
): Promise<T> {
  if (busySessions.has(session)) throw new SessionBusyError(agentName, session.id);
  busySessions.add(session);
  try {
    return await work();
  } finally {
    busySessions.delete(session);
  }
}
