/** Where a run stands; `idle` is also the state of a workflow that never ran. */
export type RunState =
  | 'in_progress'
  | 'in_progress_pending_requests'
  | 'idle'
  | 'idle_with_pending_requests'
  | 'failed'
  | 'cancelled';
