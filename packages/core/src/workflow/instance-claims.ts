import { type ValidationIssue } from '../errors/validation-errors.ts';
import { type Executor } from '../graph/executor.ts';
import { type ExecutorNode } from '../graph/workflow-graph.ts';

/** Executor instances that belong to a workflow; one that keeps state belongs to one workflow only. */
const claimed = new WeakSet<Executor>();

/** What would be shared with another workflow, whose runs and resets would then change this one. */
export function checkClaims(nodes: ReadonlyMap<string, ExecutorNode>): ValidationIssue[] {
  return instancesIn(nodes)
    .filter((executor) => claimed.has(executor))
    .map(({ id }) => ({
      code: 'shared-instance',
      message: `Expected the executor instance "${id}" to belong to one workflow, got it for a second one, and each would change the other's state. Pass a factory (() => new …), or declare stateless = true.`,
    }));
}

/** Notes that the instances belong to a workflow that has been built. */
export function claimInstances(nodes: ReadonlyMap<string, ExecutorNode>): void {
  for (const executor of instancesIn(nodes)) claimed.add(executor);
}

function instancesIn(nodes: ReadonlyMap<string, ExecutorNode>): Executor[] {
  return [...nodes.values()]
    .filter(({ origin, isStateless }) => origin === 'instance' && !isStateless)
    .map(({ create }) => create());
}
