// What needs Node: serving on a socket, and stores on disk.

export { FileResponseStore } from './file-response-store.ts';
export { type ServeOptions, type RunningServer, serveApp } from './serve-app.ts';
export { SqliteResponseStore } from './sqlite-response-store.ts';
