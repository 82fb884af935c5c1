import {
  type AgentLike,
  ConfigurationError,
  type Workflow,
  WorkflowBuilder,
  WorkflowForkError,
} from '@colloquy/core';
import { assertTakesMessages } from '@colloquy/core/spi';

/** A workflow, whatever it takes and gives. */
export type AnyWorkflow = Workflow<never>;

/** What can be hosted. */
export type Hostable = AnyWorkflow | AgentLike;

/** What is hosted: a workflow or an agent, or a function that makes one, for each instance anew. */
export type HostedEntity = Hostable | (() => Hostable | Promise<Hostable>);

/** A workflow of which instances can be made. */
export interface InstanceSource {
  /** Makes an instance in pristine state. */
  readonly create: () => Promise<Workflow>;
  /** Whether `create` gives another instance each time. */
  readonly isForkable: boolean;
}

/**
 * Where the instances of an entity come from.
 *
 * A workflow is forked, so that the caller's own stays as it is; one that cannot be forked is used itself.
 */
export function instanceSourceOf(entity: HostedEntity, model: string | undefined): InstanceSource {
  if (typeof entity === 'function')
    return { create: async () => toWorkflow(await entity(), model), isForkable: true };
  const workflow = toWorkflow(entity, model);
  const first = tryFork(workflow);
  if (first === undefined) return { create: async () => workflow, isForkable: false };
  return { create: async () => workflow.fork(), isForkable: true };
}

function tryFork(workflow: Workflow): Workflow | undefined {
  try {
    return workflow.fork();
  } catch (error) {
    if (WorkflowForkError.isInstance(error)) return undefined;
    throw error;
  }
}

/**
 * The name of an entity that can be told without making one.
 *
 * @throws {ConfigurationError} `hosting/invalid-entity`.
 */
export function nameOf(entity: HostedEntity): string | undefined {
  return typeof entity === 'function' ? undefined : entity.name;
}

/**
 * An entity as a workflow; an agent as one of a single executor, which keeps its session.
 *
 * @throws {ConfigurationError} `hosting/invalid-entity` for anything else, `agent/unsupported-workflow` for a workflow
 *   that takes neither messages nor text.
 */
function toWorkflow(entity: Hostable, model: string | undefined): Workflow {
  const workflow = isWorkflow(entity) ? entity : workflowOf(entity, model);
  assertTakesMessages(workflow.name, workflow.graph);
  return asUntyped(workflow);
}

/** What a workflow takes is looked up in its graph before it is given anything. */
function asUntyped(workflow: AnyWorkflow): Workflow {
  return workflow as unknown as Workflow;
}

function isWorkflow(value: unknown): value is AnyWorkflow {
  return (
    typeof value === 'object' && value !== null && 'graph' in value && 'resetForNewRun' in value
  );
}

/** Claims that a value can be hosted as it is. */
export function isHostable(value: unknown): value is Hostable {
  return isWorkflow(value) || isAgent(value);
}

function workflowOf(agent: Hostable, model: string | undefined): AnyWorkflow {
  if (!isWorkflow(agent) && isAgent(agent)) {
    const { name, description } = agent;
    return new WorkflowBuilder({ name, description, start: agent }).build();
  }
  throw new ConfigurationError(
    `Expected ${model === undefined ? 'workflow' : `model "${model}"`} to be a workflow, an agent, or a function that makes one, got ${typeof agent}. Pass groupChat({ … }), new Agent({ … }), or () => …`,
    { code: 'hosting/invalid-entity' },
  );
}

function isAgent(value: unknown): value is AgentLike {
  return (
    typeof value === 'object' && value !== null && 'stream' in value && 'createSession' in value
  );
}
