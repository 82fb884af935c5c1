import { styleText } from 'node:util';

import { type WorkflowEvent, type WorkflowResult } from '@colloquy/core';
import { type GroupChat } from '@colloquy/orchestrations';

const COLOURS = ['cyan', 'yellow', 'green', 'magenta'] as const;

type GroupChatRunEvent = GroupChat extends { stream(...args: never): AsyncIterable<infer TEvent> }
  ? TEvent
  : WorkflowEvent;

/** Prints a group chat while it runs: who speaks, word by word, and a line of progress after each turn. */
export class ChatPrinter {
  readonly #maxRounds: number;
  readonly #colours = new Map<string, (typeof COLOURS)[number]>();

  constructor(maxRounds: number) {
    this.#maxRounds = maxRounds;
  }

  print(event: GroupChatRunEvent): void {
    switch (event.type) {
      case 'group_chat':
        if (event.kind === 'request_sent') this.#announce(event.participant, event.round);
        else process.stdout.write('\n');
        break;
      case 'agent_update':
        process.stdout.write(event.update.text);
        break;
      default:
    }
  }

  #announce(participant: string, round: number): void {
    const colour =
      this.#colours.get(participant) ?? COLOURS[this.#colours.size % COLOURS.length] ?? 'cyan';
    this.#colours.set(participant, colour);
    const progress = styleText('dim', `[${round + 1}/${this.#maxRounds}]`);
    process.stdout.write(`\n${progress} ${styleText([colour, 'bold'], participant)} `);
  }
}

/** Prints what a run came to: rounds, tokens, and why it stopped. */
export function printResult({ outputs, stopReason, usage }: WorkflowResult): void {
  const why =
    stopReason.detail === undefined ? stopReason.code : `${stopReason.code}: ${stopReason.detail}`;
  console.log(
    styleText(
      'dim',
      `\n${outputs.length} turns, ${usage.inputTokens} tokens in, ${usage.outputTokens} out. Stopped by ${why}.`,
    ),
  );
}
