import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';

/** Asks in the terminal; where there is none, gives the stand-in's answer and shows it. */
export async function askHuman(question: string, standIn: string): Promise<string> {
  if (!stdin.isTTY) {
    console.log(`${question} ${standIn}`);
    return standIn;
  }
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return (await terminal.question(`${question} `)).trim();
  } finally {
    terminal.close();
  }
}
