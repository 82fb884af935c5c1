/** One statement with the values of its places `$1`, `$2`, and so on. */
export interface SqlStatement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Asks that until the end of the program no other changes what the name stands for. */
export interface SqlLock {
  readonly lock: string;
}

/** What a place of a statement takes. */
export type SqlValue = string | number | null;

/** What a statement gives; numbers may come as text or as bigint, as the driver likes. */
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * Statements one after another, each with a view of what the ones before it gave.
 *
 * A program knows nothing of its driver, which may run it in one turn or wait for a server between statements.
 */
export type SqlProgram<TResult> = Generator<SqlStatement | SqlLock, TResult, readonly SqlRow[]>;

/** Runs programs; all of one program is done, or nothing of it. */
export interface SqlDriver {
  readonly run: <TResult>(program: () => SqlProgram<TResult>) => Promise<TResult>;
  readonly close: () => Promise<void>;
}

/** A statement of a program. */
export function sql(text: string, ...values: readonly SqlValue[]): SqlStatement {
  return { text, values };
}
