/** What middleware has found out about a request. */
export interface RouteEnv {
  readonly Variables: {
    /** Whose request it is. */
    readonly tenant: string;
  };
}
