// The public API of @colloquy/hosting.

export {
  type ApiKeyCheck,
  type HostLimits,
  type HostSettings,
  type ResponsesAppOptions,
  type Retention,
} from './app/host-options.ts';
export { type ResponsesApp, responsesApp } from './app/responses-app.ts';
export { type Hostable, type HostedEntity } from './entities/entity.ts';
export { type HostedModels } from './entities/hosted-models.ts';
export { MemoryResponseStore } from './store/memory-response-store.ts';
export {
  type RecordFilter,
  type RecordKey,
  type RecordKind,
  type ResponseStore,
  type StoredRecord,
} from './store/response-store.ts';
