import { type ValidationIssue } from '../errors/validation-errors.ts';

/** What becomes of an executor's yields. */
export type OutputKind = 'output' | 'intermediate' | 'hidden';

/** Says for every executor what becomes of its yields. */
export type OutputDesignation = (executorId: string) => OutputKind;

/** What the builder was told, by executor ids. */
export interface OutputSelection {
  readonly outputFrom?: readonly string[] | 'all' | undefined;
  readonly intermediateFrom?: readonly string[] | 'all' | 'all_other' | undefined;
}

/**
 * Resolves a selection: with neither list every yield is an output, else what is not named is hidden.
 *
 * As Python `_workflow_builder.py` `output_from` and `intermediate_output_from`.
 */
export function designateOutputs(selection: OutputSelection): OutputDesignation {
  const { outputFrom, intermediateFrom } = selection;
  if (outputFrom === undefined && intermediateFrom === undefined) return () => 'output';
  const outputs = new Set(Array.isArray(outputFrom) ? outputFrom : []);
  const intermediates = new Set(Array.isArray(intermediateFrom) ? intermediateFrom : []);
  return (executorId) => {
    if (outputFrom === 'all' || outputs.has(executorId)) return 'output';
    const isIntermediate = typeof intermediateFrom === 'string' || intermediates.has(executorId);
    return isIntermediate ? 'intermediate' : 'hidden';
  };
}

/** Everything that is wrong with a selection, given the executors there are. */
export function validateSelection(
  selection: OutputSelection,
  executorIds: ReadonlySet<string>,
): ValidationIssue[] {
  const { outputFrom, intermediateFrom } = selection;
  const outputs = Array.isArray(outputFrom) ? outputFrom : [];
  const intermediates = Array.isArray(intermediateFrom) ? intermediateFrom : [];
  return [
    ...nothingSelected(selection),
    ...unknownIds('outputFrom', outputs, executorIds),
    ...unknownIds('intermediateFrom', intermediates, executorIds),
    ...repeatedIds('outputFrom', outputs),
    ...repeatedIds('intermediateFrom', intermediates),
    ...overlaps(selection, outputs, intermediates),
  ];
}

function nothingSelected({ outputFrom, intermediateFrom }: OutputSelection): ValidationIssue[] {
  const lists = [outputFrom, intermediateFrom].filter((value) => value !== undefined);
  if (lists.length === 0 || lists.some((list) => list.length > 0)) return [];
  return [
    {
      code: 'empty-output-selection',
      message:
        'outputFrom and intermediateFrom name nobody, so nothing would ever be put out. Name an executor, or leave both out.',
    },
  ];
}

function unknownIds(
  option: string,
  ids: readonly string[],
  executorIds: ReadonlySet<string>,
): ValidationIssue[] {
  return ids
    .filter((id) => !executorIds.has(id))
    .map((id) => ({
      code: 'unknown-output',
      message: `${option} names "${id}", which is not in the workflow. It has: ${[...executorIds].join(', ')}.`,
    }));
}

function repeatedIds(option: string, ids: readonly string[]): ValidationIssue[] {
  const repeated = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...repeated].map((id) => ({
    code: 'repeated-output',
    message: `${option} names "${id}" twice. Name it once.`,
  }));
}

function overlaps(
  { outputFrom, intermediateFrom }: OutputSelection,
  outputs: readonly string[],
  intermediates: readonly string[],
): ValidationIssue[] {
  const isEverythingTwice =
    (outputFrom === 'all' &&
      intermediateFrom !== undefined &&
      intermediates.length + Number(typeof intermediateFrom === 'string') > 0) ||
    (intermediateFrom === 'all' && outputs.length > 0);
  if (isEverythingTwice) {
    return [
      {
        code: 'overlapping-outputs',
        message:
          "'all' leaves nobody for the other list. Use intermediateFrom: 'all_other', or leave one list out.",
      },
    ];
  }
  return outputs
    .filter((id) => intermediates.includes(id))
    .map((id) => ({
      code: 'overlapping-outputs',
      message: `"${id}" is named in outputFrom and in intermediateFrom. Name it in one of them.`,
    }));
}
