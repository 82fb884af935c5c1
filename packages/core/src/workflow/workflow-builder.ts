import { type ValidationIssue, WorkflowValidationError } from '../errors/validation-errors.ts';
import { type EdgeGroup } from '../graph/edge-group.ts';
import {
  designateOutputs,
  type OutputSelection,
  validateSelection,
} from '../graph/output-designation.ts';
import { validateGraph } from '../graph/validation/validate-graph.ts';
import { createWorkflowGraph, type WorkflowGraphParts } from '../graph/workflow-graph.ts';
import { systemClock } from '../primitives/clock.ts';
import { createId } from '../primitives/ids.ts';
import { describeValue } from '../primitives/json.ts';
import { consoleLogger, type Logger } from '../primitives/logger.ts';
import { type RunnerOptions } from '../runtime/runner.ts';
import {
  DEFAULT_GRACE_MS,
  DEFAULT_MAX_SUPERSTEPS,
  validateWorkflowOptions,
  type WorkflowBuilderOptions,
  type WorkflowOptions,
} from './builder-options.ts';
import { ExecutorRegistry, findUndeclaredInstances } from './executor-registry.ts';
import {
  type AcceptedOf,
  type EmittedOf,
  type ExecutorSource,
  type YieldedOf,
} from './executor-source.ts';
import { checkClaims, claimInstances } from './instance-claims.ts';
import { Workflow } from './workflow.ts';

/** How one edge decides. */
export interface EdgeOptions<TMessage = unknown> {
  /**
   * Whether a message goes along the edge; without it every message does. Asked only of messages that the target
   * handles. May be asynchronous; what it throws fails the run with `EdgeError`.
   */
  when?(this: void, message: TMessage): boolean | Promise<boolean>;
}

/** How a fan-out chooses among its targets. */
export interface FanOutOptions<TMessage = unknown> {
  /**
   * Names the targets of a message, by id; without it all get it. Asked only of messages that some target handles.
   * May be asynchronous; what it throws, or an id that is no target, fails the run with `EdgeError`.
   */
  select?(
    this: void,
    message: TMessage,
    targets: readonly string[],
  ): readonly string[] | Promise<readonly string[]>;
}

/** One way out of a switch; the last has no `when` and takes what no other took. */
export interface SwitchBranch<TTarget extends ExecutorSource = ExecutorSource> {
  when?(this: void, message: AcceptedOf<TTarget>): boolean | Promise<boolean>;
  readonly to: TTarget;
}

/** The type of a workflow's outputs: what the executors in `outputFrom` yield, or all of them. */
type OutputsOf<TExecutors, TOutputFrom> = TOutputFrom extends readonly (infer TSource)[]
  ? YieldedOf<TSource>
  : YieldedOf<TExecutors>;

/**
 * Builds a workflow from executors and edges.
 *
 * Every `add…` changes this builder and returns it, with the executors it has heard of in its type. Nothing is
 * checked before `build`, which reports everything that is wrong at once.
 */
export class WorkflowBuilder<
  TStart extends ExecutorSource,
  TOutputFrom extends readonly ExecutorSource[] | 'all' = 'all',
  TExecutors = TStart,
> {
  readonly #options: WorkflowBuilderOptions<TStart, TOutputFrom>;
  readonly #registry = new ExecutorRegistry();
  readonly #edgeGroups: EdgeGroup[] = [];
  readonly #edgeIds = new Set<string>();
  readonly #issues: ValidationIssue[] = [];
  readonly #startId: string | undefined;

  constructor(options: WorkflowBuilderOptions<TStart, TOutputFrom>) {
    this.#options = options;
    this.#startId = this.#registry.add(options.start, 'the option start');
  }

  /** Sends what `source` sends to `target`, where the condition holds. */
  addEdge<TSource extends ExecutorSource, TTarget extends ExecutorSource>(
    source: TSource,
    target: TTarget,
    options: EdgeOptions<AcceptedOf<TTarget>> = {},
  ): WorkflowBuilder<TStart, TOutputFrom, TExecutors | TSource | TTarget> {
    this.#checkCondition(options.when, 'when', 'addEdge');
    const sourceId = this.#registry.add(source, 'the source of an edge');
    const targetId = this.#registry.add(target, 'the target of an edge');
    if (sourceId !== undefined && targetId !== undefined) {
      const when = options.when === undefined ? {} : { when: options.when };
      this.#add(
        { kind: 'single', source: sourceId, target: targetId, ...when },
        `${sourceId}->${targetId}`,
      );
    }
    return this.#knowing();
  }

  /** Connects executors one after another. */
  addChain<const TChain extends readonly ExecutorSource[]>(
    executors: TChain,
  ): WorkflowBuilder<TStart, TOutputFrom, TExecutors | TChain[number]> {
    const chain = this.#listOf(executors, 'addChain', 'executors');
    const ids = this.#addAll(chain, 'an executor of a chain');
    for (const [index, target] of ids.entries()) {
      const source = ids[index - 1];
      if (source !== undefined)
        this.#add({ kind: 'single', source, target }, `${source}->${target}`);
    }
    return this.#knowing();
  }

  /** Sends what `source` sends to all targets, or to those that `select` names. */
  addFanOut<TSource extends ExecutorSource, const TTargets extends readonly ExecutorSource[]>(
    source: TSource,
    targets: TTargets,
    options: FanOutOptions<AcceptedOf<TTargets[number]>> = {},
  ): WorkflowBuilder<TStart, TOutputFrom, TExecutors | TSource | TTargets[number]> {
    this.#checkCondition(options.select, 'select', 'addFanOut');
    const sourceId = this.#registry.add(source, 'the source of a fan-out');
    const list = this.#listOf(targets, 'addFanOut', 'targets');
    const targetIds = this.#addAll(list, 'a target of a fan-out');
    if (sourceId !== undefined) {
      const id = `${sourceId}->[${targetIds.join(',')}]`;
      const { select } = options;
      if (select === undefined)
        this.#add({ kind: 'fanOut', source: sourceId, targets: targetIds }, id);
      else this.#add({ kind: 'multiSelection', source: sourceId, targets: targetIds, select }, id);
    }
    return this.#knowing();
  }

  /** Waits until every source has sent, then delivers all that was sent to `target` as one list. */
  addFanIn<const TSources extends readonly ExecutorSource[], TTarget extends ExecutorSource>(
    sources: TSources,
    target: TTarget,
  ): WorkflowBuilder<TStart, TOutputFrom, TExecutors | TSources[number] | TTarget> {
    const list = this.#listOf(sources, 'addFanIn', 'sources');
    const sourceIds = this.#addAll(list, 'a source of a fan-in');
    const targetId = this.#registry.add(target, 'the target of a fan-in');
    if (targetId !== undefined) {
      this.#add(
        { kind: 'fanIn', sources: sourceIds, target: targetId },
        `[${sourceIds.join(',')}]->${targetId}`,
      );
    }
    return this.#knowing();
  }

  /** Sends each message to the first branch whose condition holds; the last branch has none and takes the rest. */
  addSwitch<TSource extends ExecutorSource, TTarget extends ExecutorSource>(
    source: TSource,
    branches: readonly SwitchBranch<TTarget>[],
  ): WorkflowBuilder<TStart, TOutputFrom, TExecutors | TSource | TTarget> {
    const sourceId = this.#registry.add(source, 'the source of a switch');
    const list = this.#listOf(branches, 'addSwitch', 'branches');
    const cases = list.flatMap(({ when, to }) => {
      this.#checkCondition(when, 'when', 'a branch of addSwitch');
      const target = this.#registry.add(to, 'the target of a switch');
      return target === undefined ? [] : [{ when, target }];
    });
    const fallback = cases.at(-1);
    const defaults = cases.filter(({ when }) => when === undefined).length;
    const isOneDefaultLast = defaults === 1 && fallback?.when === undefined;
    if (!isOneDefaultLast) this.#reportDefault(sourceId ?? 'unknown', defaults);
    const conditional = cases
      .slice(0, -1)
      .map(({ when = () => false, target }) => ({ when, target }));
    if (sourceId !== undefined && fallback !== undefined) {
      const id = `${sourceId}->switch(${cases.map(({ target }) => target).join(',')})`;
      this.#add(
        {
          kind: 'switchCase',
          source: sourceId,
          cases: conditional,
          defaultTarget: fallback.target,
        },
        id,
      );
    }
    return this.#knowing();
  }

  /**
   * Checks everything and makes a workflow.
   *
   * @throws {WorkflowValidationError} with every issue at once.
   */
  build(): Workflow<AcceptedOf<TStart>, OutputsOf<TExecutors, TOutputFrom>, EmittedOf<TExecutors>> {
    const { name, logger = consoleLogger } = this.#options;
    const selection = this.#selection();
    const parts: WorkflowGraphParts = {
      name,
      description: this.#options.description ?? '',
      startId: this.#startId ?? '',
      executors: new Map(this.#registry.nodes),
      edgeGroups: [...this.#edgeGroups],
      designation: designateOutputs(selection),
      sharedKeys: this.#options.shared ?? {},
    };
    const issues = this.#allIssues(parts, selection);
    if (issues.length > 0) throw new WorkflowValidationError(name, issues);
    claimInstances(parts.executors);
    for (const id of findUndeclaredInstances(parts.executors))
      logger.warn(undeclaredWarning(name, id));
    return new Workflow({
      graph: createWorkflowGraph(parts),
      snapshotEvents: this.#options.snapshotEvents ?? false,
      runnerOptions: runnerOptionsOf(this.#options, logger),
      threadId: this.#options.threadId,
    });
  }

  #allIssues(parts: WorkflowGraphParts, selection: OutputSelection): ValidationIssue[] {
    const graphIssues = this.#startId === undefined ? [] : validateGraph(parts);
    return [
      ...validateWorkflowOptions(this.#options),
      ...this.#registry.issues,
      ...this.#issues,
      ...validateSelection(selection, new Set(parts.executors.keys())),
      ...checkClaims(parts.executors),
      ...graphIssues,
    ];
  }

  #selection(): OutputSelection {
    const { outputFrom, intermediateFrom } = this.#options;
    const isWordForRest = intermediateFrom === 'all' || intermediateFrom === 'all_other';
    return {
      outputFrom: outputFrom === 'all' ? 'all' : this.#knownIds(outputFrom, 'outputFrom'),
      intermediateFrom: isWordForRest
        ? intermediateFrom
        : this.#knownIds(intermediateFrom, 'intermediateFrom'),
    };
  }

  /** What an option names; `undefined` where it is no list, which the check of the options tells. */
  #knownIds(
    sources: readonly ExecutorSource[] | string | undefined,
    option: string,
  ): readonly string[] | undefined {
    if (!isList(sources)) return undefined;
    return sources.map((source) => this.#registry.find(source) ?? describeOption(source, option));
  }

  #addAll(sources: readonly ExecutorSource[], where: string): string[] {
    return sources.flatMap((source) => this.#registry.add(source, where) ?? []);
  }

  #add(group: EdgeGroupDraft, id: string): void {
    let unique = id;
    for (let count = 2; this.#edgeIds.has(unique); count += 1) unique = `${id}#${count}`;
    this.#edgeIds.add(unique);
    this.#edgeGroups.push({ ...group, id: unique });
  }

  /** What a method was given as a list; what is none, or too short, becomes an issue. */
  #listOf<T>(given: readonly T[], method: string, what: string): readonly T[] {
    const list: readonly T[] = Array.isArray(given) ? given : [];
    if (list.length >= 2) return list;
    const got = Array.isArray(given) ? String(list.length) : describeValue(given);
    this.#issues.push({
      code: 'too-few',
      message: `Expected ${method} to get a list of at least two ${what}, got ${got}. For one, use addEdge.`,
    });
    return list;
  }

  #checkCondition(condition: unknown, option: string, where: string): void {
    if (condition === undefined || typeof condition === 'function') return;
    this.#issues.push({
      code: 'invalid-condition',
      message: `Expected ${option} of ${where} to be a function, got ${describeValue(condition)}. Write (message) => ….`,
    });
  }

  #reportDefault(sourceId: string, defaults: number): void {
    this.#issues.push({
      code: 'switch-default',
      message: `Expected the switch of "${sourceId}" to end with exactly one branch without when, got ${defaults}${defaults === 1 ? ', not last' : ''}. Put { to: … } at the end.`,
    });
  }

  /** The same builder, typed with the executors that it has just heard of: types alone tell, nothing is checked. */
  #knowing<TMore>(): WorkflowBuilder<TStart, TOutputFrom, TMore> {
    return this as unknown as WorkflowBuilder<TStart, TOutputFrom, TMore>;
  }
}

function isList<T>(value: readonly T[] | string | undefined): value is readonly T[] {
  return Array.isArray(value);
}

type EdgeGroupDraft = EdgeGroup extends infer TGroup
  ? TGroup extends EdgeGroup
    ? Omit<TGroup, 'id'>
    : never
  : never;

/** How an option's entry that is in no edge is named in the issue about it. */
function describeOption(source: unknown, option: string): string {
  const id: unknown =
    typeof source === 'object' && source !== null ? Reflect.get(source, 'id') : undefined;
  return typeof id === 'string' ? id : `${option} entry ${describeValue(source)}`;
}

function undeclaredWarning(workflowName: string, executorId: string): string {
  return `Workflow "${workflowName}": the executor instance "${executorId}" declares neither reset() nor stateless, so what it keeps in fields survives a reset. Override reset(), set stateless = true, or pass a factory.`;
}

/** The settings with their defaults. */
function runnerOptionsOf(options: WorkflowOptions, logger: Logger): RunnerOptions {
  const { maxConcurrency } = options;
  return {
    maxSupersteps: options.maxSupersteps ?? DEFAULT_MAX_SUPERSTEPS,
    maxConcurrency: maxConcurrency === Infinity ? undefined : maxConcurrency,
    graceMs: options.graceMs ?? DEFAULT_GRACE_MS,
    logger,
    clock: options.clock ?? systemClock,
    ids: options.ids ?? createId,
    checkpoints: options.checkpoints,
    onCheckpointFailure: options.onCheckpointFailure ?? 'fail',
  };
}
