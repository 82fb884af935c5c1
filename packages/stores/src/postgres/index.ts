// The public API of @colloquy/stores/postgres.

export { type PostgresClient, type PostgresPool } from './postgres-client.ts';
export { PostgresCheckpointStore } from './postgres-checkpoint-store.ts';
