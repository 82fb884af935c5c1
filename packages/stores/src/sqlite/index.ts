// The public API of @colloquy/stores/sqlite.

export { SqliteCheckpointStore } from './sqlite-checkpoint-store.ts';
