import { type Program } from '../program/program-context.ts';
import { ProgramExecutor } from '../program/program-executor.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type WorkflowOptions } from './builder-options.ts';
import { type Workflow } from './workflow.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

/** The settings of a workflow that is one function. */
export interface ProgramOptions<TInput = unknown> extends WorkflowOptions {
  /** What the program takes; an input that does not fit is refused. Anything without it. */
  readonly input?: StandardSchema<unknown, TInput> | undefined;
}

/**
 * Makes a workflow of one async function; what it returns is the output.
 *
 * The function is replayed whenever an answer comes and after a crash: it does its work in `ctx.step(id, work)`, which
 * is done once and remembered, and waits for people with `ctx.request`. Between these it does nothing that takes time
 * or comes out differently the second time.
 *
 * @throws {WorkflowValidationError} when the settings cannot work.
 */
export function defineWorkflow<TInput, TOutput>(
  name: string,
  program: Program<TInput, TOutput>,
  options: ProgramOptions<TInput> = {},
): Workflow<TInput, Exclude<TOutput, void | undefined>> {
  const { input, ...settings } = options;
  const start = (): ProgramExecutor => new ProgramExecutor({ name, program, input });
  const workflow: unknown = new WorkflowBuilder({ ...settings, name, start }).build();
  // The only executor hands inputs to the program and yields what it returns.
  return workflow as Workflow<TInput, Exclude<TOutput, void | undefined>>;
}
