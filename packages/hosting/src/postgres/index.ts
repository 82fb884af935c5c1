// Responses and conversations in Postgres.

export { type PostgresQueries, PostgresResponseStore } from './postgres-response-store.ts';
