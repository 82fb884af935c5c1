import { type AgentLike } from '../agents/agent-like.ts';
import { AgentExecutor } from '../bridges/agent-executor.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { messageOf } from '../errors/message-of.ts';
import { type ValidationIssue } from '../errors/validation-errors.ts';
import { declaresReset, Executor } from '../graph/executor.ts';
import { ExecutorDefinition } from '../graph/executor-definition.ts';
import { type ExecutorNode, type ExecutorOrigin } from '../graph/workflow-graph.ts';
import { describeValue } from '../primitives/json.ts';

/**
 * The executors a builder has heard of.
 *
 * Owns their order and what was wrong with them.
 *
 * Invariants:
 * - N1: the same source is the same executor; two sources with one id are an issue.
 * - N2: an executor's index is its place in the order of first mention.
 */
export class ExecutorRegistry {
  readonly #nodes = new Map<string, ExecutorNode>();
  readonly #idBySource = new Map<unknown, string>();
  readonly #issues: ValidationIssue[] = [];

  /** By id, in the order of first mention. */
  get nodes(): ReadonlyMap<string, ExecutorNode> {
    return this.#nodes;
  }

  get issues(): readonly ValidationIssue[] {
    return this.#issues;
  }

  /** N1, N2: the id of a source's executor, or `undefined` where it is none, which becomes an issue. */
  add(source: unknown, where: string): string | undefined {
    const known = this.#idBySource.get(source);
    if (known !== undefined) return known;
    const node = this.#resolve(source, where);
    if (node === undefined) return undefined;
    this.#idBySource.set(source, node.id);
    if (this.#nodes.has(node.id)) this.#reportDuplicate(node.id);
    else this.#nodes.set(node.id, node);
    return node.id;
  }

  /** The id of a source that was added, or of an executor with that id. */
  find(source: unknown): string | undefined {
    return (
      this.#idBySource.get(source) ??
      (typeof source === 'string' && this.#nodes.has(source) ? source : undefined)
    );
  }

  #reportDuplicate(id: string): void {
    this.#issues.push({
      code: 'duplicate-executor',
      message: `Expected every executor to have an id of its own, got two different ones with the id "${id}". Rename one; for the same agent twice use agentExecutor(agent, { id }).`,
    });
  }

  #resolve(source: unknown, where: string): ExecutorNode | undefined {
    const index = this.#nodes.size;
    try {
      if (source instanceof ExecutorDefinition) return nodeOfDefinition(source, index);
      if (source instanceof Executor)
        return nodeOfExecutor(source, 'instance', () => source, index);
      if (isAgentLike(source)) return nodeOfFactory(() => new AgentExecutor(source), index);
      if (isFactory(source)) return this.#resolveFactory(source, where, index);
    } catch (error) {
      this.#issues.push({
        code: 'executor-failed',
        message: `The executor given as ${where} could not be made: ${messageOf(error)}`,
      });
      return undefined;
    }
    this.#reportNotAnExecutor(source, where);
    return undefined;
  }

  #resolveFactory(factory: () => unknown, where: string, index: number): ExecutorNode | undefined {
    const example = factory();
    if (example instanceof Executor) {
      return nodeOfExecutor(example, 'factory', () => asExecutor(factory(), example.id), index);
    }
    this.#reportNotAnExecutor(example, `what the factory for ${where} returns`);
    return undefined;
  }

  #reportNotAnExecutor(value: unknown, where: string): void {
    const isId = typeof value === 'string';
    this.#issues.push({
      code: isId ? 'unknown-executor' : 'not-an-executor',
      message: `Expected an executor definition, a factory, an Executor or an agent as ${where}, got ${describeValue(value)}.${isId ? ' Pass the executor itself, not its id.' : ''}`,
    });
  }
}

function nodeOfDefinition(definition: ExecutorDefinition<unknown>, index: number): ExecutorNode {
  const { sends, yields, emits } = definition.options;
  const { id, handlers, responseHandlers } = definition;
  const declared = { id, handlers, responseHandlers, sends, yields, emits };
  const create = (): Executor => definition.create();
  return { ...declared, index, origin: 'definition', create, isStateless: false };
}

function nodeOfFactory(factory: () => Executor, index: number): ExecutorNode {
  return nodeOfExecutor(factory(), 'factory', factory, index);
}

function nodeOfExecutor(
  executor: Executor,
  origin: ExecutorOrigin,
  create: () => Executor,
  index: number,
): ExecutorNode {
  const { id, responseHandlers, stateless: isStateless } = executor;
  const { sends, yields, emits, innerLines } = executor;
  // A class may leave its handlers out where no compiler looks; validation tells.
  const given: unknown = executor.handlers;
  const handlers = Array.isArray(given) ? executor.handlers : [];
  const declared = { id, handlers, responseHandlers, sends, yields, emits, innerLines };
  return { ...declared, index, origin, create, isStateless };
}

/** A factory must go on giving what it gave when the workflow was built: edges know its executor by id. */
function asExecutor(value: unknown, id: string): Executor {
  if (value instanceof Executor && value.id === id) return value;
  const got = value instanceof Executor ? `one with the id "${value.id}"` : describeValue(value);
  throw new ConfigurationError(
    `Expected the factory of executor "${id}" to return an Executor with that id each time, got ${got}.`,
    { code: 'executor/unstable-factory' },
  );
}

/** Whatever else a function gives is told when it has been called. */
function isFactory(value: unknown): value is () => unknown {
  return typeof value === 'function';
}

function isAgentLike(value: unknown): value is AgentLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['run', 'stream', 'createSession'].every(
      (method) => typeof Reflect.get(value, method) === 'function',
    ) &&
    typeof Reflect.get(value, 'name') === 'string'
  );
}

/** Instances that say neither how they are reset nor that they need not be. */
export function findUndeclaredInstances(nodes: ReadonlyMap<string, ExecutorNode>): string[] {
  return [...nodes.values()]
    .filter(({ origin, create }) => origin === 'instance' && !declaresReset(create()))
    .map(({ id }) => id);
}
