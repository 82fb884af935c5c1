import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { type AskedRequest, Executor } from '../graph/executor.ts';
import { createCatchAllHandler, createHandler, type Handler } from '../graph/handler.ts';
import { type RequestType } from '../graph/request-type.ts';
import { type ResponseContext, type ResponseHandler } from '../graph/response-handler.ts';
import { journalOf } from '../graph/step-journal.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type Program } from './program-context.ts';
import { type ProgramJournal, withAnswer } from './program-journal.ts';
import { ProgramRun } from './program-run.ts';

/** A program as an executor knows it. */
export interface ProgramDefinition {
  readonly name: string;
  readonly program: Program;
  /** What the program takes; anything without it. */
  readonly input?: StandardSchema | undefined;
}

/**
 * Runs a program for every input: until it ends, or waits for answers; from its beginning again when one comes.
 *
 * Owns the journals of the programs that wait.
 *
 * Invariants:
 * - P1: a journal is replaced as a whole, when a pass has ended; a pass that fails adds only the steps it had finished.
 * - P2: a restored journal is replayed before it is taken over, which tells what its answers must look like.
 */
export class ProgramExecutor extends Executor {
  readonly handlers: readonly Handler[];
  readonly #definition: ProgramDefinition;
  readonly #journals = new Map<string, ProgramJournal>();
  /** The types of the requests asked in this process, by request id. */
  readonly #types = new Map<string, RequestType>();

  constructor(definition: ProgramDefinition) {
    super(definition.name);
    this.#definition = definition;
    const handle = (input: unknown, context: WorkflowContext): Promise<void> =>
      this.#advance(context.idempotencyKey, { input, entries: new Map() }, context);
    this.handlers = [
      definition.input === undefined
        ? createCatchAllHandler(handle)
        : createHandler(definition.input, handle),
    ];
  }

  override reset(): void {
    this.#journals.clear();
    this.#types.clear();
  }

  override onCheckpointSave(): ReadonlyMap<string, ProgramJournal> {
    return new Map(this.#journals);
  }

  /** P2 */
  override async onCheckpointRestore(saved: unknown): Promise<void> {
    const journals = parseJournals(saved);
    this.reset();
    for (const [key, journal] of journals) {
      await this.#runOf(key, journal, undefined).run();
      this.#journals.set(key, journal);
    }
  }

  override findResponseHandler({ id }: AskedRequest): ResponseHandler | undefined {
    const requestType = this.#types.get(id);
    if (requestType === undefined) return undefined;
    return {
      requestType,
      handle: (answer: unknown, _asked: unknown, context: ResponseContext) =>
        this.#onAnswer(answer, context),
    };
  }

  async #onAnswer(answer: unknown, context: ResponseContext): Promise<void> {
    const { requestId } = context;
    for (const [key, journal] of this.#journals) {
      const isAsker = [...journal.entries.values()].some(
        (entry) => entry.kind === 'request' && entry.requestId === requestId,
      );
      if (isAsker) return this.#advance(key, withAnswer(journal, requestId, answer), context);
    }
    return undefined;
  }

  async #advance(key: string, journal: ProgramJournal, context: WorkflowContext): Promise<void> {
    const run = this.#runOf(key, journal, context);
    try {
      const end = await run.run();
      // A handler that was left behind changes nothing.
      context.signal.throwIfAborted();
      if (!end.isDone) {
        this.#journals.set(key, run.journal);
        return;
      }
      this.#journals.delete(key);
      if (end.value !== undefined) context.yield(end.value);
    } catch (error) {
      this.#keepSteps(key, run.journal);
      throw error;
    }
  }

  /** P1: what was done is not done again when the answer is given again. */
  #keepSteps(key: string, { entries }: ProgramJournal): void {
    const before = this.#journals.get(key);
    if (before === undefined) return;
    const done = [...entries].filter(
      ([, entry]) => entry.kind === 'step' && 'value' in entry.outcome,
    );
    this.#journals.set(key, { ...before, entries: new Map([...before.entries, ...done]) });
  }

  #runOf(key: string, journal: ProgramJournal, context: WorkflowContext | undefined): ProgramRun {
    return new ProgramRun({
      workflowName: this.#definition.name,
      program: this.#definition.program,
      key,
      journal,
      context,
      steps: context === undefined ? undefined : journalOf(context),
      onRequestType: (requestId, type) => this.#types.set(requestId, type),
    });
  }
}

/** @throws {CheckpointDecodeError} when the value is something else. */
function parseJournals(saved: unknown): ReadonlyMap<string, ProgramJournal> {
  if (saved instanceof Map && [...saved.values()].every(isJournal)) return saved;
  throw new CheckpointDecodeError(
    `expected the journals of a program, got ${describeValue(saved)}`,
  );
}

function isJournal(value: unknown): value is ProgramJournal {
  return isRecord(value) && value['entries'] instanceof Map;
}
