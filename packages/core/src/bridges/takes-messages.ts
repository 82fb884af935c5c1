import { ConfigurationError } from '../errors/configuration-error.ts';
import { isMessageType } from '../graph/matcher.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';

/** @throws {ConfigurationError} `agent/unsupported-workflow` when the start can take nothing that is said. */
export function assertTakesMessages(name: string, graph: WorkflowGraph): void {
  const handlers = graph.executors.get(graph.startId)?.handlers ?? [];
  const isHopeless = handlers.every(
    ({ matcher }) =>
      matcher !== undefined &&
      (matcher === Number || matcher === Boolean || isMessageType(matcher)),
  );
  if (!isHopeless) return;
  throw new ConfigurationError(
    `Expected the start executor "${graph.startId}" of workflow "${name}" to take messages or text, as an agent is given, got one that takes neither. Add .on(String, …) to it, or begin with an agent.`,
    { code: 'agent/unsupported-workflow' },
  );
}
