// The public API of @colloquy/stores/redis.

export { RedisCheckpointStore, type RedisStoreOptions } from './redis-checkpoint-store.ts';
export { type RedisClient } from './redis-client.ts';
