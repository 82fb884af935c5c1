import { Agent, StaleRequestError, textOf, type WorkflowResult } from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { groupChat, type GroupChat } from '../group-chat/group-chat.ts';
import { roundRobin } from '../group-chat/selectors.ts';
import { type HumanGateAnswer } from './human-gate.ts';

const NAMES = ['a', 'b', 'c'] as const;

/** What happens to a chat: an input, the answer to its oldest question, or a model that fails the next time. */
const happenings = fc.array(fc.constantFrom('run', 'approve', 'feedback', 'replace', 'fail'), {
  maxLength: 8,
});

/** A chat whose agents and people never say the same words twice. */
class Rehearsal {
  readonly chat: GroupChat;
  /** Who said what, of all that was put out. */
  readonly said: (readonly [who: string, text: string])[] = [];
  readonly #clients = NAMES.map((name) =>
    scripted(Array.from({ length: 60 }, () => this.#reply(name))),
  );
  #pending: readonly string[] = [];
  #isFailing = false;
  #count = 0;

  constructor(
    options: Omit<
      Parameters<typeof groupChat>[0],
      'participants' | 'selectSpeaker' | 'orchestrator'
    >,
  ) {
    const participants = NAMES.map(
      (name, index) => new Agent({ name, client: this.#clients[index] ?? scripted([]) }),
    );
    this.chat = groupChat({ ...options, participants, selectSpeaker: roundRobin() });
  }

  async play(happening: string): Promise<void> {
    if (happening === 'fail') this.#isFailing = true;
    else if (happening === 'run' || this.#pending.length === 0)
      await this.#take(this.chat.run(this.#word('input')));
    else
      await this.#take(
        this.chat.resume({ responses: { [this.#pending[0] ?? '']: this.#answer(happening) } }),
      );
  }

  /** Approves until nobody waits. */
  async settle(): Promise<void> {
    this.#isFailing = false;
    while (this.#pending.length > 0) await this.play('approve');
  }

  /** What each agent's last model call was given. */
  lastRead(): (readonly [name: string, texts: readonly string[]])[] {
    return NAMES.map((name, index) => [
      name,
      (this.#clients[index]?.requests.at(-1)?.messages ?? []).map(textOf),
    ]);
  }

  async #take(
    result: Promise<WorkflowResult<{ readonly agentName: string; readonly text: string }>>,
  ): Promise<void> {
    try {
      const { outputs, pendingRequests } = await result;
      this.#pending = pendingRequests.map(({ id }) => id);
      for (const { agentName, text } of outputs) this.said.push([agentName, text]);
    } catch (error) {
      // It was answered before a later step of its run failed.
      if (StaleRequestError.isInstance(error)) this.#pending = this.#pending.slice(1);
      else if (!String(error).includes('down')) throw error;
    }
  }

  #answer(action: string): HumanGateAnswer {
    if (action === 'feedback' || action === 'replace') return { action, text: this.#word(action) };
    return { action: 'approve' };
  }

  #reply(name: string): () => string {
    return () => {
      const isFailing = this.#isFailing;
      this.#isFailing = false;
      if (isFailing) throw new Error('down');
      return this.#word(name);
    };
  }

  #word(kind: string): string {
    this.#count += 1;
    return `${kind} ${this.#count}`;
  }
}

describe('a group chat with gates', () => {
  it('lets everybody read all that was put out, whatever is asked meanwhile (U4, O5)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('before' as const, 'after' as const),
        fc.subarray([...NAMES], { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        happenings,
        async (when, participants, maxRounds, allowRepeat, played) => {
          const rehearsal = new Rehearsal({
            humanGate: { when, participants },
            maxRounds,
            allowRepeat,
          });
          for (const happening of played) await rehearsal.play(happening);
          await rehearsal.settle();
          const said = [...rehearsal.said];

          for (const _name of NAMES) {
            await rehearsal.play('run');
            await rehearsal.settle();
          }

          for (const [name, texts] of rehearsal.lastRead())
            expect(texts).toEqual(
              expect.arrayContaining(said.flatMap(([who, text]) => (who === name ? [] : [text]))),
            );
        },
      ),
      { numRuns: 100 },
    );
  });
});
