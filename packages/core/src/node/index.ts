// The public API of @colloquy/core/node: what needs Node.

export { FileCheckpointStore } from './file-checkpoint-store.ts';
