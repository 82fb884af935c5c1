import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { type ValidationIssue } from '../errors/validation-errors.ts';
import { type Clock } from '../primitives/clock.ts';
import { type IdSource } from '../primitives/ids.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type Logger } from '../primitives/logger.ts';
import type { CheckpointFailurePolicy } from '../runtime/run-checkpoints.ts';
import { type SharedKeys } from '../state/shared-state.ts';
import { type ExecutorSource } from './executor-source.ts';

/** How a workflow is built and run. */
export interface WorkflowBuilderOptions<
  TStart extends ExecutorSource = ExecutorSource,
  TOutputFrom extends readonly ExecutorSource[] | 'all' = readonly ExecutorSource[] | 'all',
> extends WorkflowOptions {
  readonly name: string;
  /** Gets the run's input. */
  readonly start: TStart;
  /** Whose yields are outputs; with neither this nor `intermediateFrom`, everybody's. */
  readonly outputFrom?: TOutputFrom | undefined;
  /** Whose yields are intermediate outputs; yields of executors in neither list are hidden. */
  readonly intermediateFrom?: readonly ExecutorSource[] | 'all' | 'all_other' | undefined;
}

/** The settings that every kind of workflow shares. */
export interface WorkflowOptions {
  readonly description?: string | undefined;
  /** The most supersteps of one run; default 100. `Infinity` must be asked for. */
  readonly maxSupersteps?: number | undefined;
  /** How many executors run at once within a superstep; unbounded without it. */
  readonly maxConcurrency?: number | undefined;
  /** How long handlers may take to end after a failure or cancellation, in milliseconds; default 5,000. */
  readonly graceMs?: number | undefined;
  /** Default: warnings to the console. */
  readonly logger?: Logger | undefined;
  /** Whether events carry copies of payloads instead of the values themselves; default false. */
  readonly snapshotEvents?: boolean | undefined;
  /** Where checkpoints are saved: before the first superstep, after each, and when answers come. */
  readonly checkpoints?: CheckpointStore | undefined;
  /** Whether a run fails when a checkpoint cannot be saved; default `fail`. */
  readonly onCheckpointFailure?: CheckpointFailurePolicy | undefined;
  /** Names the first conversation; made up without it. A fork and a reset begin conversations of their own. */
  readonly threadId?: string | undefined;
  /** Where the time is read and waited on; default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Makes the ids of conversations, branches, runs and checkpoints; default: ids that no other process makes. */
  readonly ids?: IdSource | undefined;
  /** Keys of the shared state that have an initial value or a reducer. */
  readonly shared?: SharedKeys | undefined;
}

export const DEFAULT_MAX_SUPERSTEPS = 100;
export const DEFAULT_GRACE_MS = 5000;

/** Options that the types describe and that may come as anything where no compiler looks. */
interface UncheckedOptions {
  readonly name?: unknown;
  readonly outputFrom?: unknown;
  readonly intermediateFrom?: unknown;
  readonly checkpoints?: unknown;
  readonly onCheckpointFailure?: unknown;
  readonly threadId?: unknown;
  readonly clock?: unknown;
  readonly ids?: unknown;
}

/** Everything that is wrong with the plain settings. */
export function validateWorkflowOptions(
  options: WorkflowOptions & UncheckedOptions,
): ValidationIssue[] {
  const { name, maxSupersteps, maxConcurrency, graceMs, outputFrom, intermediateFrom } = options;
  return [
    ...(typeof name === 'string' && name !== ''
      ? []
      : [
          issue(
            'name',
            'a non-empty string',
            name,
            'Name the workflow: it appears in errors and checkpoints.',
          ),
        ]),
    ...checkCount('maxSupersteps', maxSupersteps),
    ...checkCount('maxConcurrency', maxConcurrency),
    ...(graceMs === undefined || (typeof graceMs === 'number' && graceMs >= 0)
      ? []
      : [issue('graceMs', 'milliseconds, 0 or more', graceMs, 'Leave it out for 5000.')]),
    ...checkList('outputFrom', outputFrom, ['all']),
    ...checkList('intermediateFrom', intermediateFrom, ['all', 'all_other']),
    ...checkDurability(options),
    ...checkSources(options),
    ...Object.entries(options.shared ?? {}).flatMap(([key, entry]) => checkSharedKey(key, entry)),
  ];
}

function checkDurability({
  checkpoints,
  onCheckpointFailure: policy,
  threadId,
}: UncheckedOptions): ValidationIssue[] {
  const isStore =
    checkpoints === undefined ||
    (isRecord(checkpoints) && typeof checkpoints['save'] === 'function');
  const isPolicy = policy === undefined || policy === 'fail' || policy === 'warn';
  const isId = threadId === undefined || (typeof threadId === 'string' && threadId !== '');
  return [
    ...(isStore
      ? []
      : [
          issue(
            'checkpoints',
            'a checkpoint store',
            checkpoints,
            'Pass new MemoryCheckpointStore().',
          ),
        ]),
    ...(isPolicy
      ? []
      : [issue('onCheckpointFailure', "'fail' or 'warn'", policy, "Leave it out for 'fail'.")]),
    ...(isId
      ? []
      : [issue('threadId', 'a non-empty string', threadId, 'Leave it out for a new one.')]),
  ];
}

function checkSources({ clock, ids }: UncheckedOptions): ValidationIssue[] {
  const isClock =
    clock === undefined ||
    (isRecord(clock) &&
      [clock['now'], clock['schedule']].every((each) => typeof each === 'function'));
  return [
    ...(isClock ? [] : [issue('clock', '{ now, schedule }', clock, 'Leave it out for real time.')]),
    ...(ids === undefined || typeof ids === 'function'
      ? []
      : [issue('ids', 'a function', ids, 'Leave it out for the default.')]),
  ];
}

function checkList(option: string, value: unknown, words: readonly string[]): ValidationIssue[] {
  if (value === undefined || Array.isArray(value)) return [];
  if (typeof value === 'string' && words.includes(value)) return [];
  const expected = `a list of executors or ${words.map((word) => `'${word}'`).join(' or ')}`;
  return [issue(option, expected, value, 'For one executor pass a list of one.')];
}

function checkSharedKey(key: string, entry: Partial<SharedKeys[string]>): ValidationIssue[] {
  const { initial, reduce } = entry;
  const isFunction = (value: unknown): boolean => typeof value === 'function';
  if (isFunction(initial) && (reduce === undefined || isFunction(reduce))) return [];
  return [
    issue(
      `shared.${key}`,
      '{ initial, reduce? } with functions',
      entry,
      'Write shared: { key: { initial: () => 0 } }.',
    ),
  ];
}

function checkCount(option: string, value: number | undefined): ValidationIssue[] {
  if (value === undefined || value === Infinity || (Number.isInteger(value) && value >= 1))
    return [];
  return [
    issue(option, 'a whole number, 1 or more, or Infinity', value, 'Leave it out for the default.'),
  ];
}

function issue(option: string, expected: string, value: unknown, remedy: string): ValidationIssue {
  return {
    code: 'invalid-option',
    message: `Expected the option ${option} to be ${expected}, got ${describeValue(value)}. ${remedy}`,
  };
}
