import { Agent, run, setTracingDisabled, Usage } from '@openai/agents';

import { type Subject } from '../subject.ts';

setTracingDisabled(true);

const model: any = {
  getResponse: async () => ({
    usage: new Usage({ inputTokens: 1, outputTokens: 1, totalTokens: 2 }),
    output: [
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes.' }],
      },
    ],
  }),
};

/** OpenAI Agents: it has no graphs; a chat is a loop around `run`, each agent given what was said. */
export const subject: Subject = {
  name: 'OpenAI Agents',
  groupChat: (turns) => {
    const agents = ['ann', 'bob', 'cleo', 'dan'].map((name) => new Agent({ name, model }));
    return async () => {
      let history: any = [{ role: 'user', content: 'Shall we?' }];
      let replies = 0;
      for (let turn = 0; turn < turns; turn += 1) {
        const result = await run(agents[turn % agents.length]!, history);
        history = result.history;
        if (result.finalOutput === 'Yes.') replies += 1;
      }
      return replies;
    };
  },
};
