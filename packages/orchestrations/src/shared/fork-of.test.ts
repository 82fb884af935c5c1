import { Agent, type Workflow, WorkflowForkError } from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { type Aggregator } from '../concurrent/aggregators.ts';
import { concurrent } from '../concurrent/concurrent.ts';
import { groupChat } from '../group-chat/group-chat.ts';
import { type SpeakerSelector } from '../group-chat/selectors.ts';
import { handoff } from '../handoff/handoff.ts';
import { magentic } from '../magentic/magentic.ts';
import {
  type TerminationAnswer,
  TerminationCondition,
} from '../termination/termination-condition.ts';

const agent = (name = 'a'): Agent =>
  new Agent({ name, client: scripted(Array.from({ length: 9 }, (_, index) => `${name}${index}`)) });

/** A condition that counts its looks. */
class Counting extends TerminationCondition {
  #looks = 0;

  override check(): TerminationAnswer {
    this.#looks += 1;
    return this.#looks > 2 ? 'enough' : undefined;
  }

  override reset(): void {
    this.#looks = 0;
  }
}

/** One that says how to make another. */
class Forking extends Counting {
  override fork(): TerminationCondition {
    return new Forking();
  }
}

/** A function that counts its calls. */
function counting<T>(answer: (count: number) => T) {
  let count = 0;
  const counted = (): T => answer((count += 1));
  return Object.assign(counted, {
    reset: () => {
      count = 0;
    },
  });
}

function forking<T>(answer: (count: number) => T): (() => T) & { readonly fork: () => () => T } {
  return Object.assign(counting(answer), { fork: () => forking(answer) });
}

describe('a fork of an orchestration', () => {
  const selector = (): SpeakerSelector => counting((count) => (count > 1 ? null : 'a'));
  const aggregator = (): Aggregator<number> => counting((count) => count);
  const until = new Counting();
  const selectSpeaker: SpeakerSelector = () => null;

  it.each<readonly [what: string, build: () => Workflow<string>, executorId: string]>([
    [
      'a group chat with such a selector',
      () => groupChat({ participants: [agent()], selectSpeaker: selector() }),
      'group_chat_orchestrator',
    ],
    [
      'a group chat with such a condition',
      () => groupChat({ participants: [agent()], selectSpeaker, until }),
      'group_chat_orchestrator',
    ],
    [
      'a group chat that an agent leads, with such a condition',
      () => groupChat({ participants: [agent()], orchestrator: agent('lead'), until }),
      'lead',
    ],
    [
      'a Magentic team',
      () => magentic({ participants: [agent()], manager: agent('mgr'), until }),
      'magentic_orchestrator',
    ],
    [
      'a handoff',
      () => handoff({ participants: [agent()], start: 'a', until }),
      'handoff_orchestrator',
    ],
    [
      'concurrent agents',
      () => concurrent({ participants: [agent()], aggregate: aggregator() }),
      'aggregator',
    ],
  ])('is refused where it would share what %s remembers', (_, build, executorId) => {
    const team = build();

    const refusal = expect.objectContaining({ executorIds: [executorId] });
    expect(() => team.fork()).toThrow(WorkflowForkError);
    expect(() => team.asAgent()).toThrow(refusal);
  });

  it('has a selector and a condition of its own, where they say how to make another', async () => {
    const chat = groupChat({
      participants: [agent()],
      selectSpeaker: forking((count) => (count > 2 ? null : 'a')),
      until: new Forking(),
    });
    const forks = [chat, chat.fork(), chat.fork()];

    const results = await Promise.all(forks.map((fork) => fork.run('task')));

    expect(results.map(({ outputs }) => outputs.length)).toEqual([2, 2, 2]);
  });

  it('has an aggregator of its own, where that says how to make another', async () => {
    const team = concurrent({ participants: [agent()], aggregate: forking((count) => count) });
    const fork = team.fork();

    const outputs = [await team.run('x'), await team.run('y'), await fork.run('z')];

    expect(outputs.flatMap((result) => result.outputs)).toEqual([1, 2, 1]);
  });

  it('still runs and is reset where it cannot be forked', async () => {
    const team = concurrent({ participants: [agent()], aggregate: aggregator() });
    await team.run('x');
    await team.run('y');

    await team.resetForNewRun();

    expect((await team.run('z')).outputs).toEqual([1]);
  });
});
