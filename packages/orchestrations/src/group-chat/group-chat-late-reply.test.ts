import { defineTool, Agent, MemoryCheckpointStore } from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { readBy, speaker } from '../../test/speaker.ts';
import { last } from './conversation-view.ts';
import { groupChat } from './group-chat.ts';

const wipe = defineTool({
  name: 'wipe',
  description: 'Wipes.',
  input: z.object({}),
  needsApproval: true,
  execute: () => 'done',
});

const textsOf = ({ outputs }: { outputs: readonly { text: string }[] }): string[] =>
  outputs.map(({ text }) => text);

describe('a reply that comes when a group chat has gone on', () => {
  it.each([
    ['a gate before the turn', { when: 'before' }, { action: 'approve' }, ['A1']],
    ['a gate after the turn', { when: 'after' }, { action: 'approve' }, ['A1']],
    ['an approval', undefined, { approve: true }, [toolCall('wipe', {}), 'A1']],
  ] as const)('O5: is heard, but is no turn: %s', async (_what, humanGate, answer, replies) => {
    const client = scripted([...replies]);
    const b = speaker('b', 'B1', 'B2');
    let speakerName = 'a';
    const chat = groupChat({
      participants: [new Agent({ name: 'a', client, tools: [wipe] }), b.agent],
      humanGate: humanGate && { ...humanGate, participants: ['a'] },
      maxRounds: 1,
      selectSpeaker: () => speakerName,
    });

    const paused = await chat.run('one');
    speakerName = 'b';
    await chat.run('two');
    const id = paused.pendingRequests[0]?.id ?? '';
    const late = await chat.resume({ responses: { [id]: answer } });
    await chat.run('three');

    expect([textsOf(late), late.stopReason.code]).toEqual([['A1'], 'completed']);
    expect(readBy(b, 1)).toEqual(['one', 'two', 'B1', 'A1', 'three']);
  });

  it.each([false, true])(
    'O2, O5: has read the view it was given; resumed: %s',
    async (isResumed) => {
      const [a, b] = [speaker('a', 'A1', 'A2'), speaker('b', 'B1')];
      const checkpoints = new MemoryCheckpointStore();
      let speakerName = 'a';
      const build = () =>
        groupChat({
          participants: [a.agent, b.agent],
          humanGate: { when: 'before', participants: ['a'] },
          view: last(2),
          maxRounds: 1,
          selectSpeaker: () => speakerName,
          checkpoints,
        });
      const chat = build();

      const paused = await chat.run('one');
      speakerName = 'b';
      const { checkpointId = '' } = await chat.run('two');
      const id = paused.pendingRequests[0]?.id ?? '';
      const responses = { [id]: { action: 'approve' } };
      const going = isResumed ? build() : chat;
      await going.resume(isResumed ? { responses, checkpointId } : { responses });
      speakerName = 'a';
      const again = await going.run('three');
      await going.resume({
        responses: { [again.pendingRequests[0]?.id ?? '']: { action: 'approve' } },
      });

      expect([readBy(a), readBy(b), readBy(a, 1)]).toEqual([
        ['one'],
        ['one', 'two'],
        ['one', 'A1', 'B1', 'three'],
      ]);
    },
  );
});
