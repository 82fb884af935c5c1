import { parseArgs } from 'node:util';

/** What the demo was asked to do. */
export interface DemoArguments {
  readonly task: string;
  /** Print events as lines of JSON instead of prose. */
  readonly json: boolean;
}

/** Reads the command line; anything it does not know ends the program with how to call it. */
export function readArguments(): DemoArguments {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const task = positionals.join(' ').trim() || 'Plan a launch for a folding bicycle';
    return { task, json: values.json };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error('Usage: pnpm demo ["your task"] [--json]');
    process.exit(2);
  }
}
