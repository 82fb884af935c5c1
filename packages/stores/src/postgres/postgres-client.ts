/** What the store asks of a connection; a connected `pg.Client` has it. */
export interface PostgresClient {
  readonly query: (
    text: string,
    values?: unknown[],
  ) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/** What the store asks of a pool; a `pg.Pool` has it. */
export interface PostgresPool {
  /** How many connections there are; tells a pool from a client. */
  readonly totalCount: number;
  readonly connect: () => Promise<
    PostgresClient & { readonly release: (error?: Error | boolean) => void }
  >;
}
