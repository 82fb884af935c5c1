import {
  BaseLlm,
  createEvent,
  FunctionNode,
  InMemoryRunner,
  JoinNode,
  LlmAgent,
  LoopAgent,
  LogLevel,
  setLogLevel,
  Workflow,
} from '@google/adk';

import { type Subject } from '../subject.ts';

setLogLevel(LogLevel.ERROR);

const newMessage = { role: 'user', parts: [{ text: 'Shall we?' }] };

/** Runs a workflow in a session of its own; gives its last output. */
async function invoke(runner: InMemoryRunner): Promise<unknown> {
  let output: unknown;
  for await (const event of runner.runEphemeral({ userId: 'bench', newMessage }))
    if (event.output !== undefined) output = event.output;
  return output;
}

function workflowOf(name: string, edges: any): () => Promise<unknown> {
  const runner = new InMemoryRunner({ agent: new Workflow({ name, edges }) });
  return () => invoke(runner);
}

function node(name: string, handle: (input: any) => unknown): FunctionNode {
  return new FunctionNode(name, (_context, input) => handle(input) as any);
}

/** The first node is given the user's message in place of a number. */
function next(input: unknown): number {
  return typeof input === 'number' ? input + 1 : 1;
}

function chainOf(length: number): () => Promise<unknown> {
  const nodes = Array.from({ length }, (_, index) => node(`n${index}`, next));
  return workflowOf('chain', [['START', ...nodes]]);
}

function loopOf(supersteps: number): () => Promise<unknown> {
  const ping = node('ping', next);
  const pong = node('pong', (input) => {
    const output = next(input);
    return createEvent({ output, route: output < supersteps ? 'again' : 'done' });
  });
  const end = node('end', (input) => input);
  return workflowOf('loop', [
    ['START', ping, pong],
    [pong, { again: ping, done: end }],
  ]);
}

class InstantLlm extends BaseLlm {
  constructor() {
    super({ model: 'instant' });
  }

  async *generateContentAsync(): any {
    yield { content: { role: 'model', parts: [{ text: 'Yes.' }] } };
  }

  async connect(): Promise<never> {
    throw new Error('The instant model has no live connection.');
  }
}

/** Google ADK: a workflow of functions; agents in a loop agent. Its runner keeps a session, and gives every event. */
export const subject: Subject = {
  name: 'Google ADK',
  chain: chainOf,
  loop: loopOf,
  streamedLoop: loopOf,
  fanOut: (width, waitMs) => {
    const start = node('start', () => 1);
    const workers = Array.from({ length: width }, (_, index) =>
      node(`w${index}`, async () => {
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        return 1;
      }),
    );
    const join = new JoinNode({ name: 'join' });
    const sum = node('sum', (answers: Record<string, number>) =>
      Object.values(answers).reduce((total, answer) => total + answer, 0),
    );
    return workflowOf('fan_out', [['START', start, workers, join, sum]]);
  },
  groupChat: (turns) => {
    const model = new InstantLlm();
    const subAgents = ['ann', 'bob', 'cleo', 'dan'].map((name) => new LlmAgent({ name, model }));
    const agent = new LoopAgent({ name: 'chat', subAgents, maxIterations: turns / 4 });
    const runner = new InMemoryRunner({ agent });
    return async () => {
      let replies = 0;
      for await (const event of runner.runEphemeral({ userId: 'bench', newMessage }))
        if (event.content?.parts?.[0]?.text === 'Yes.') replies += 1;
      return replies;
    };
  },
  forks: (length) => () => chainOf(length),
};
