import {
  Agent,
  defineTool,
  type CheckpointHead,
  MemoryCheckpointStore,
  textOf,
  toMessages,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { groupChat, type GroupChatOptions } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

const NAMES = ['ada', 'ben', 'cy', 'dee'];

async function listed(store: MemoryCheckpointStore): Promise<CheckpointHead[]> {
  const heads: CheckpointHead[] = [];
  for await (const head of store.list()) heads.push(head);
  return heads;
}

/** Every agent says its name and how many messages it was shown, padded to `length`. */
function buildChat(
  options: Pick<GroupChatOptions, 'checkpoints' | 'maxRounds' | 'maxSupersteps'>,
  length = 0,
) {
  const participants = NAMES.map(
    (name) =>
      new Agent({
        name,
        client: scripted(
          Array.from(
            { length: 400 },
            () =>
              ({ messages }: { readonly messages: readonly unknown[] }) =>
                `${name} saw ${messages.length} `.padEnd(length, 'x'),
          ),
        ),
      }),
  );
  return groupChat({ name: 'panel', participants, selectSpeaker: roundRobin(), ...options });
}

describe('a group chat with checkpoints', () => {
  it('goes on from any of them, elsewhere, as if it had never stopped', async () => {
    const store = new MemoryCheckpointStore();
    const whole = await buildChat({ checkpoints: store, maxRounds: 6 }).run('task');
    const texts = whole.outputs.map(({ text }) => text);

    for (const { id } of await listed(store)) {
      const chat = buildChat({ checkpoints: store, maxRounds: 6 });

      const resumed = await chat.resume({ checkpointId: id });

      expect(resumed.outputs.map(({ text }) => text)).toEqual(texts);
      expect(resumed.stopReason).toEqual(whole.stopReason);
    }
  });

  it('resets to a clean start after a restore', async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '' } = await buildChat({ checkpoints: store, maxRounds: 3 }).run('task');
    const fresh = await buildChat({ maxRounds: 2 }).run('other');
    const chat = buildChat({ maxRounds: 2 });

    await chat.resume({ checkpointId, checkpoints: store });
    await chat.resetForNewRun();
    const after = await chat.run('other');

    expect(after.outputs.map(({ text }) => text)).toEqual(fresh.outputs.map(({ text }) => text));
  });

  it('stores what is said once, not once a turn', async () => {
    const store = new MemoryCheckpointStore();
    const chat = buildChat({ checkpoints: store, maxRounds: 200, maxSupersteps: Infinity }, 500);

    const { outputs } = await chat.run('task');

    let stored = 0;
    for (const { id } of await listed(store)) stored += JSON.stringify(await store.load(id)).length;
    const transcript = JSON.stringify(outputs.flatMap(({ messages }) => messages)).length;
    expect(outputs).toHaveLength(200);
    expect(stored / transcript).toBeLessThan(5.5);
  });

  it('asks a human about a tool, and the next speaker hears the whole reply', async () => {
    const store = new MemoryCheckpointStore();
    const build = () => {
      const pay = defineTool({
        name: 'pay',
        description: 'Pays',
        input: z.object({ amount: z.number() }),
        needsApproval: true,
        execute: ({ amount }) => `paid ${amount}`,
      });
      const buyer = new Agent({
        name: 'buyer',
        tools: [pay],
        client: scripted([toolCall('pay', { amount: 3 }), 'Done.']),
      });
      const clerk = new Agent({
        name: 'clerk',
        client: scripted([({ messages }) => `heard: ${messages.map(textOf).join(' | ')}`]),
      });
      return groupChat({
        name: 'shop',
        participants: [buyer, clerk],
        selectSpeaker: roundRobin(),
        maxRounds: 2,
        checkpoints: store,
      });
    };
    const chat = build();
    const paused = await chat.run('Buy it.');
    const [request] = paused.pendingRequests;

    const done = await chat.resume({ responses: { [request?.id ?? '']: { approve: true } } });

    expect(request).toMatchObject({ type: 'tool_approval', data: { name: 'pay' } });
    expect(done.outputs.map(({ text }) => text)).toEqual(['Done.', 'heard: Buy it. | Done.']);
    expect(
      toMessages([...(done.outputs[0]?.messages ?? [])]).flatMap(({ contents }) =>
        contents.map(({ type }) => type),
      ),
    ).toEqual(['function_call', 'function_result', 'text']);
  });
});
