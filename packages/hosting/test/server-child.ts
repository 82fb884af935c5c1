/**
 * Serves a group chat whose models fail now and then, from a folder or a Postgres, until it is killed; says when it listens.
 *
 * Arguments: the folder or the database's URL, the port.
 */
import { join } from 'node:path';

import { PostgresCheckpointStore } from '@colloquy/stores/postgres';
import { SqliteCheckpointStore } from '@colloquy/stores/sqlite';

import { responsesApp } from '../src/app/responses-app.ts';
import { serveApp } from '../src/node/serve-app.ts';
import { SqliteResponseStore } from '../src/node/sqlite-response-store.ts';
import { PostgresResponseStore } from '../src/postgres/postgres-response-store.ts';
import { buildEchoTeam } from './echo-team.ts';
import { randomFrom } from './random.ts';

const [place = '', port = '0'] = process.argv.slice(2);
const random = randomFrom(6407);

const before = async (): Promise<void> => {
  if (random() < 0.03) throw new Error('The model is not there.');
};

const stores = place.startsWith('postgres:')
  ? { checkpoints: new PostgresCheckpointStore(place), store: new PostgresResponseStore(place) }
  : {
      checkpoints: new SqliteCheckpointStore(join(place, 'checkpoints.db')),
      store: new SqliteResponseStore(join(place, 'responses.db')),
    };
const app = responsesApp({
  workflow: () => buildEchoTeam({ before }),
  ...stores,
  leaseMs: 300,
  logger: { warn: () => {}, debug: () => {} },
});
const server = await serveApp(app, { port: Number(port) });
console.log(`listens on ${server.port}`);
