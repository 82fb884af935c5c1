import {
  Agent,
  agentExecutor,
  AgentSession,
  defineExecutor,
  defineRequest,
  Executor,
  on,
  type Workflow,
  WorkflowBuilder,
  type WorkflowContext,
} from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type CleanResetOptions, expectCleanReset } from './expect-clean-reset.ts';
import { watched } from './model-watch.ts';
import { type ScriptEntry } from './script-entry.ts';
import { scripted } from './scripted.ts';

const INPUTS = { first: 'task A', second: 'task B' };

const silent = { warn: () => {}, debug: () => {} };

/** An executor that forgets nothing; what it does with what it remembers is the test's. */
class Leaky extends Executor {
  readonly handlers = [on(String, (text, context) => this.#take(text, context))];
  readonly #heard: string[] = [];
  readonly #react: (heard: readonly string[], context: WorkflowContext) => unknown;

  constructor(react: (heard: readonly string[], context: WorkflowContext) => unknown) {
    super('leaky');
    this.#react = react;
  }

  #take(text: string, context: WorkflowContext): unknown {
    this.#heard.push(text);
    return this.#react(this.#heard, context);
  }
}

const workflowOf = (
  react: (heard: readonly string[], context: WorkflowContext) => unknown,
): Workflow<string> =>
  new WorkflowBuilder({ name: 'flow', start: new Leaky(react), logger: silent }).build();

/** An agent that is asked by an executor which remembers. */
function asking(script: readonly ScriptEntry[]): Workflow<string> {
  const start = new Leaky((heard) => heard.join(' and '));
  const agent = new Agent({ name: 'writer', client: scripted(script) });
  return new WorkflowBuilder({ name: 'flow', start, logger: silent }).addEdge(start, agent).build();
}

function agentFlow(agent: Agent, session?: AgentSession): Workflow<string> {
  const start = agentExecutor(agent, session === undefined ? {} : { session });
  return new WorkflowBuilder({ name: 'flow', start, logger: silent }).build();
}

const writer = (script: readonly ScriptEntry[] = ['one', 'two']): Agent =>
  new Agent({ name: 'writer', client: scripted(script) });

/** What the check finds. */
async function finding(
  build: () => Workflow<string>,
  options: Partial<CleanResetOptions<string>> = {},
): Promise<string> {
  const [ended] = await Promise.allSettled([expectCleanReset(build, { ...INPUTS, ...options })]);
  return ended.status === 'rejected' ? String(ended.reason) : 'nothing';
}

describe('expectCleanReset', () => {
  it('finds nothing where nothing is carried over, each conversation on the script from its beginning', async () => {
    expect(await finding(() => agentFlow(writer(['one'])))).toBe('nothing');
  });

  it('shows the first difference in what an executor yields, with its path', async () => {
    const found = await finding(() => workflowOf((heard, context) => context.yield(heard.length)));

    expect(found).toContain('they differ at turns[0].events[4].data:\n- 1\n+ 2');
  });

  it('shows the first difference in what a model is sent', async () => {
    const found = await finding(() => asking(['one']));

    expect(found).toMatch(/\+ .*task A and task B/);
  });

  it('sees a difference that only a model sees', async () => {
    const build = (): Workflow<string> => {
      const client = scripted(['one']);
      const agent = new Agent({ name: 'writer', client });
      return workflowOf((heard) => agent.run(heard.join(' and ')).then(() => undefined));
    };

    expect(await finding(build)).toContain(
      "at models[0].requests[0].messages[0].contents[0].text:\n- 'task B'\n+ 'task A and task B'",
    );
  });

  it('sees models that are watched', async () => {
    const build = (): Workflow<string> => {
      const model = scripted(['one', 'two']);
      const client = watched({ stream: (messages) => model.stream(messages) });
      const agent = new Agent({ name: 'writer', client });
      return workflowOf((heard) => agent.run(heard.join(' and ')).then(() => undefined));
    };

    expect(await finding(build)).toContain('at models[0].requests[0].messages[0]');
  });

  it('finds a session that the second conversation goes on with', async () => {
    const session = new AgentSession({ id: 'mine' });
    expect(await finding(() => agentFlow(writer(), session))).toContain(
      'session "mine", which the second conversation goes on with',
    );
  });

  it('allows for a session that the caller supplied, but not for more', async () => {
    const supplied = (): Workflow<string> => agentFlow(writer(), new AgentSession({ id: 'mine' }));
    const andMore = (): Workflow<string> => {
      const agent = writer();
      const session = new AgentSession({ id: 'mine' });
      return workflowOf((heard) =>
        agent.run(heard.join(' and '), { session }).then(() => undefined),
      );
    };

    expect(await finding(supplied, { keptSessions: ['mine'] })).toBe('nothing');
    expect(await finding(andMore, { keptSessions: ['mine'] })).toContain('task A and task B');
  });

  it('answers what is asked, in both conversations', async () => {
    const Name = defineRequest('name', { request: z.string(), response: z.string() });
    const build = (): Workflow<string> =>
      new WorkflowBuilder({
        name: 'flow',
        start: defineExecutor('greeter')
          .on(String, (text, context) => context.request(Name, text))
          .onResponse(Name, (name, asked, context) => context.yield(`${asked}: ${name}`)),
      }).build();
    const asked: string[] = [];

    const found = await finding(build, {
      answer: ({ data }, turn) => {
        asked.push(`${String(data)} ${turn}`);
        return 'Ada';
      },
    });

    expect(found).toBe('nothing');
    expect(asked).toEqual(['task A 0', 'task B 0', 'task B 0']);
  });

  it('finds requests that can still be answered, and a status that stays', async () => {
    const Name = defineRequest('name', { request: z.string(), response: z.null() });
    const found = await finding(() => {
      const start = defineExecutor('greeter')
        .on(String, (text, context) => context.request(Name, text))
        .onResponse(Name, () => {});
      const workflow = new WorkflowBuilder({ name: 'flow', start }).build();
      workflow.resetForNewRun = async () => {};
      return workflow;
    });

    expect(found).toContain('the status "idle_with_pending_requests"');
    expect(found).toMatch(/request "req_\w+", which can still be answered/);
  });

  it('finds timers', async () => {
    const timers: NodeJS.Timeout[] = [];
    const found = await finding(() =>
      workflowOf(() => {
        timers.push(setTimeout(() => {}, 60_000));
      }),
    );
    for (const timer of timers) clearTimeout(timer);

    expect(found).toContain('- 1 timers');
  });

  it('finds listeners on the signals that runs were given', async () => {
    const found = await finding(() => {
      const agent = writer();
      return workflowOf((heard, { signal }) => {
        signal.addEventListener('abort', () => {});
        return agent.run(heard.at(-1) ?? '', { signal }).then(() => undefined);
      });
    });

    expect(found).toContain('listeners on abort signals');
  });

  it('finds messages that can still be reached, where asked to', async () => {
    const kept: unknown[] = [];
    const leaky = (): Workflow<string> => {
      const agent = writer();
      return workflowOf(async (heard) => {
        const session = agent.createSession();
        await agent.run(heard.at(-1) ?? '', { session });
        await agent.run('go on', { session });
        kept.push(session.history);
      });
    };

    expect(await finding(leaky, { reachable: true })).toContain(
      'the message assistant "one", which can still be reached',
    );
    expect(await finding(() => agentFlow(writer()), { reachable: true })).toBe('nothing');
  });

  it('lets the caller hold the first conversation', async () => {
    const held: string[] = [];

    const found = await finding(() => agentFlow(writer()), {
      hold: async (workflow, first) => {
        held.push(first);
        await workflow.stream(first).cancel();
      },
    });

    expect([found, held]).toEqual(['nothing', ['task A']]);
  });
});
