/** The kit in whatever runner calls this; it must work the same in each. */
import assert from 'node:assert/strict';

import { Agent, type ChatClient, MemoryCheckpointStore, type WorkflowEvent } from '@colloquy/core';
import { concurrent } from '@colloquy/orchestrations';
import {
  checkpointStoreSuite,
  checkTrace,
  countedIds,
  fakeOpenAI,
  faulty,
  scripted,
  seededScheduler,
  virtualClock,
} from '@colloquy/testing';

/** Registers a test under its name. */
export type Register = (name: string, run: () => Promise<void>) => void;

/** Registers one test for each part of the kit. */
export function registerSmokeTests({ test }: { readonly test: Register }): void {
  for (const { name, run } of checkpointStoreSuite(() => new MemoryCheckpointStore()).slice(0, 2))
    test(`suite: ${name}`, run);
  test('a team on a virtual clock, with faults, in a seeded order, has a whole trace', async () => {
    const clock = virtualClock();
    const scheduler = seededScheduler(3);
    const agentOn = (name: string, client: ChatClient): Agent =>
      new Agent({ name, client: scheduler.client(client) });
    const slow = faulty(scripted(['late']), { plan: ['slow-start'], clock, delayMs: 9000 });
    const participants = [agentOn('slow', slow), agentOn('quick', scripted(['soon']))];
    const team = concurrent({ name: 'team', participants, clock, ids: countedIds() });
    const run = team.stream('go');
    const events: WorkflowEvent[] = [];
    const read = async (): Promise<void> => {
      for await (const event of run) events.push(event);
    };
    await clock.runUntil(read());
    checkTrace(events, await run.result);
    assert.equal(clock.now(), 9000);
  });
  test('a service on this machine answers', async () => {
    const service = await fakeOpenAI(['Ride on.']);
    const body = JSON.stringify({ model: 'm', input: 'Hello' });
    const response = await fetch(`${service.baseURL}/responses`, { method: 'POST', body });
    assert.match(await response.text(), /Ride on\./);
    await service.close();
  });
}
