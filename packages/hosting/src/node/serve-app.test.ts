import { request } from 'node:http';

import { describe, expect, it } from 'vitest';

import { buildCounter } from '../../test/workflows.ts';
import { responsesApp } from '../app/responses-app.ts';
import { serveApp } from './serve-app.ts';

/** Asks for the models in the name of some host. */
const statusFor = async (port: number, host: string): Promise<number | undefined> => {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const sent = request({ port, host: '127.0.0.1', path: '/v1/models', headers: { host } });
  sent.once('response', (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  sent.end();
  return promise;
};

describe('serving', () => {
  it('answers on a loopback address only what is for it', async () => {
    const server = await serveApp(responsesApp({ workflow: buildCounter() }), { port: 0 });

    const statuses = [
      await statusFor(server.port, `127.0.0.1:${server.port}`),
      await statusFor(server.port, `localhost:${server.port}`),
      await statusFor(server.port, 'evil.example'),
    ];
    await server.close();

    expect(statuses).toEqual([200, 200, 400]);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/v1`);
  });

  it('says when it cannot listen', async () => {
    const app = responsesApp({ workflow: buildCounter(), basePath: '/api' });
    const first = await serveApp(app, { port: 0 });

    const second = serveApp(app, { port: first.port });

    await expect(second).rejects.toMatchObject({ code: 'hosting/cannot-listen' });
    expect(first.url).toBe(`http://127.0.0.1:${first.port}/api`);
    await first.close();
  });
});
