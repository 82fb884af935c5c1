/**
 * Serves a group chat from a folder until it is killed, and says when it listens.
 *
 * Arguments: the folder, the port.
 */
import { join } from 'node:path';

import { SqliteCheckpointStore } from '@colloquy/stores/sqlite';

import { responsesApp } from '../src/app/responses-app.ts';
import { serveApp } from '../src/node/serve-app.ts';
import { SqliteResponseStore } from '../src/node/sqlite-response-store.ts';
import { buildEchoTeam } from './echo-team.ts';

const [folder = '', port = '0'] = process.argv.slice(2);
const app = responsesApp({
  workflow: () => buildEchoTeam(),
  checkpoints: new SqliteCheckpointStore(join(folder, 'checkpoints.db')),
  store: new SqliteResponseStore(join(folder, 'responses.db')),
  leaseMs: 300,
});
const server = await serveApp(app, { port: Number(port) });
console.log(`listens on ${server.port}`);
