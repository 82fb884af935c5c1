/** Statements that make the tables where they are missing; `seq` is how a dialect declares a growing key. */
export function schemaStatements(seq: string): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS colloquy_checkpoints (
       seq ${seq}, id TEXT NOT NULL UNIQUE, thread_id TEXT NOT NULL, branch_id TEXT NOT NULL,
       workflow_name TEXT NOT NULL, run_state TEXT NOT NULL, created_at DOUBLE PRECISION NOT NULL,
       base_id TEXT, head TEXT NOT NULL, body TEXT NOT NULL, is_hidden INTEGER NOT NULL)`,
    'CREATE INDEX IF NOT EXISTS colloquy_checkpoints_thread ON colloquy_checkpoints (thread_id, seq)',
    'CREATE INDEX IF NOT EXISTS colloquy_checkpoints_workflow ON colloquy_checkpoints (workflow_name, run_state, seq)',
    'CREATE INDEX IF NOT EXISTS colloquy_checkpoints_base ON colloquy_checkpoints (base_id)',
    `CREATE TABLE IF NOT EXISTS colloquy_branches (
       thread_id TEXT NOT NULL, branch_id TEXT NOT NULL, head_id TEXT NOT NULL,
       PRIMARY KEY (thread_id, branch_id))`,
    `CREATE TABLE IF NOT EXISTS colloquy_results (
       seq ${seq}, checkpoint_id TEXT NOT NULL, branch_id TEXT NOT NULL, part TEXT NOT NULL,
       result TEXT NOT NULL, UNIQUE (checkpoint_id, branch_id, part))`,
    `CREATE TABLE IF NOT EXISTS colloquy_answers (
       seq ${seq}, thread_id TEXT NOT NULL, request_id TEXT NOT NULL, answer TEXT NOT NULL,
       UNIQUE (thread_id, request_id))`,
  ];
}
