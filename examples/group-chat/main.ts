/** A writer and a critic talk until the critic approves; an own orchestrator keeps the score. */
import { Agent } from '@colloquy/core';
import {
  BaseGroupChatOrchestrator,
  groupChat,
  type GroupChatView,
  textMention,
} from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';

const model = scripted([
  'Pedal on.',
  'Too short.',
  'Fold it, ride it, love it.',
  'APPROVED',
  'Knead less, rest more.',
  'APPROVED',
]);
const writer = new Agent({ name: 'writer', instructions: 'You write slogans.', client: model });
const critic = new Agent({ name: 'critic', instructions: 'You judge slogans.', client: model });

class Debate extends BaseGroupChatOrchestrator {
  #turns = new Map<string, number>();

  protected override nextSpeaker({ lastSpeaker }: GroupChatView): string {
    const next = lastSpeaker === 'writer' ? 'critic' : 'writer';
    this.#turns.set(next, (this.#turns.get(next) ?? 0) + 1);
    console.log(`  turn ${this.#turns.get(next)} of the ${next}`);
    return next;
  }

  protected override _resetPatternState(): void {
    this.#turns.clear();
  }
}

const chat = groupChat({
  name: 'slogan',
  participants: [writer, critic],
  orchestrator: () => new Debate({ maxRounds: 6, until: textMention('APPROVED') }),
});

for (const task of ['A slogan for a folding bicycle', 'A slogan for a bakery']) {
  const { outputs, stopReason } = await chat.run(task);
  for (const { agentName, text } of outputs) console.log(`${agentName}: ${text}`);
  console.log(`stopped by ${stopReason.code}`);
  await chat.resetForNewRun();
}
console.log(`the bakery's writer read: ${model.requests[4]?.messages.length} message`);
