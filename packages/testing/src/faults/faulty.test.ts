import {
  type ChatOptions,
  type ChatResponse,
  collectChatResponse,
  textMessage,
  type ToolSpec,
} from '@colloquy/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scripted } from '../scripted.ts';
import { toolCall } from '../script-entry.ts';
import { FAULT_KINDS, type FaultKind, FAULTS } from './fault-kinds.ts';
import { faulty, type FaultyOptions } from './faulty.ts';

const LEDGER = { next_speaker: { reason: 'r', answer: 'writer' }, done: { answer: false } };
const OUTPUT: ChatOptions = { output: { name: 'ledger', schema: {} } };
const TOOLS: ChatOptions = {
  tools: ['handoff_to_a', 'handoff_to_b', 'look'].map((name): ToolSpec => ({
    name,
    description: '',
    parameters: {},
  })),
};
const messages = [textMessage('user', 'go')];

/** A clock whose waits are over at once, in what it was asked to wait. */
function instantClock() {
  const waits: number[] = [];
  const schedule = (callback: () => void, delayMs: number) => {
    waits.push(delayMs);
    queueMicrotask(callback);
    return () => {};
  };
  return { waits, now: () => 0, schedule };
}

async function ask(
  fault: FaultKind,
  { reply = LEDGER, options = {} }: { reply?: object | string; options?: ChatOptions } = {},
): Promise<ChatResponse> {
  const model = scripted([reply as never]);
  const clock = instantClock();
  return collectChatResponse(
    faulty(model, { plan: [fault], clock, giantLength: 1000 }),
    messages,
    options,
  );
}

async function textOfFault(fault: FaultKind): Promise<string> {
  return (await ask(fault, { options: OUTPUT })).text;
}

describe('faulty', () => {
  it.each(FAULT_KINDS.filter((kind) => FAULTS[kind].code !== undefined))(
    'fails as the table of faults says: %s',
    async (kind) => {
      await expect(ask(kind)).rejects.toMatchObject({
        name: 'ChatClientError',
        code: FAULTS[kind].code,
        retryable: true,
      });
    },
  );

  it('says how long to wait after too many requests', async () => {
    const client = faulty(scripted([]), { plan: ['rate-limit'], retryAfterMs: 250 });

    await expect(collectChatResponse(client, messages)).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 250,
    });
  });

  it('asks the model for nothing that is not answered', async () => {
    const model = scripted(['a', 'b']);
    const plan: FaultKind[] = ['rate-limit', 'timeout', 'empty-reply', 'refusal', 'server-error'];
    const client = faulty(model, { plan, clock: instantClock() });

    for (const _ of plan) await collectChatResponse(client, messages).catch(() => {});

    expect(model.requests).toEqual([]);
    expect((await collectChatResponse(client, messages)).text).toBe('a');
  });

  it('breaks a stream in its middle', async () => {
    const client = faulty(scripted(['abcdef']), { plan: ['cut-stream'] });
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { contents } of client.stream(messages))
        texts.push(JSON.stringify(contents));
    })();

    await expect(reading).rejects.toMatchObject({ code: 'chat-client/interrupted' });
    expect(texts).toEqual(['[{"type":"text","text":"abc"}]']);
  });

  it('waits on the clock that it is given', async () => {
    const clock = instantClock();
    const plan: FaultKind[] = ['slow-start', 'timeout'];
    const client = faulty(scripted(['late']), { plan, clock, delayMs: 30 });

    expect((await collectChatResponse(client, messages)).text).toBe('late');
    await expect(collectChatResponse(client, messages)).rejects.toThrow('in time');
    expect(clock.waits).toEqual([30, 30]);
  });

  it('ends a wait when its caller no longer waits', async () => {
    const clock = { now: () => 0, schedule: () => () => {} };
    const controller = new AbortController();
    const client = faulty(scripted(['late']), { plan: ['slow-start'], clock });

    const asked = client.stream(messages, { signal: controller.signal }).next();
    controller.abort('enough');

    await expect(asked).rejects.toBe('enough');
  });

  it('says nothing, refuses, or calls what there is not', async () => {
    expect(await ask('empty-reply')).toMatchObject({ text: '', finishReason: 'stop' });
    expect(await ask('refusal')).toMatchObject({
      text: '',
      finishReason: 'content_filter',
      messages: [{ contents: [{ type: 'error', code: 'refusal' }] }],
    });
    expect((await ask('ghost-tool-call')).messages[0]?.contents).toEqual([
      { type: 'function_call', callId: 'call_ghost', name: 'ghost_tool', arguments: { x: 1 } },
    ]);
    expect((await ask('giant-reply', { reply: 'short' })).text).toMatch(/^short\nand so on /);
    expect((await ask('giant-reply', { reply: 'short' })).text).toHaveLength(1006);
  });

  it('changes the calls of a reply', async () => {
    const reply = toolCall('handoff_to_b');
    const calls = async (kind: FaultKind) =>
      (await ask(kind, { reply, options: TOOLS })).messages.flatMap(({ contents }) =>
        contents.map((content) => [
          Reflect.get(content, 'name') as string,
          Reflect.get(content, 'callId') as string,
        ]),
      );

    expect(await calls('call-without-id')).toEqual([['handoff_to_b', '']]);
    expect(await calls('two-handoffs')).toEqual([
      ['handoff_to_b', 'call_1'],
      ['handoff_to_a', 'call_1_too'],
    ]);
  });

  it('changes the JSON of a reply', async () => {
    const text = JSON.stringify(LEDGER);

    expect(await textOfFault('repeated-json')).toBe(`${text}\n${text}`);
    expect(await textOfFault('fenced-json')).toContain(`\`\`\`json\n${text}\n\`\`\``);
    expect(await textOfFault('truncated-json')).toBe(text.slice(0, Math.ceil(text.length / 2)));
    expect(await textOfFault('wrong-case-speaker')).toContain('"answer":"WRITER"');
    expect(await textOfFault('unknown-speaker')).toContain('"answer":"somebody else"');
    expect(await textOfFault('text-booleans')).toContain('"answer":"false"');
    expect(Object.keys(JSON.parse(await textOfFault('missing-key')))).toHaveLength(1);
    expect(JSON.parse(await textOfFault('extra-key'))).toMatchObject({ confidence: {} });
  });

  it('logs what was done, and what could not be', async () => {
    const plan: (FaultKind | null)[] = ['fenced-json', null, 'unknown-speaker', 'server-error'];
    const client = faulty(scripted(['a', 'b', { x: 1 }]), { plan });
    for (const options of [{}, {}, OUTPUT, {}])
      await collectChatResponse(client, messages, options).catch(() => {});

    expect(client.log).toEqual([
      { call: 1, fault: 'fenced-json', isDone: false },
      { call: 3, fault: 'unknown-speaker', isDone: false },
      { call: 4, fault: 'server-error', isDone: true, code: 'chat-client/server' },
    ]);
    expect(client.injected).toHaveLength(1);
  });

  it('takes a function as a plan', async () => {
    const client = faulty(scripted(['a', 'b']), {
      plan: ({ call, options }) => (call === 2 && options.sessionId === 's' ? 'cut-stream' : null),
    });

    await collectChatResponse(client, messages);
    const second = collectChatResponse(client, messages, { sessionId: 's' });

    await expect(second).rejects.toMatchObject({ code: 'chat-client/interrupted' });
  });

  it('does the same for the same seed, at about the rate that is asked for', async () => {
    const logOf = async (seed: number, rate: number) => {
      const client = faulty(scripted(Array.from({ length: 40 }, () => LEDGER)), {
        seed,
        rate,
        clock: instantClock(),
      });
      for (let call = 0; call < 40; call += 1)
        await collectChatResponse(client, messages, OUTPUT).catch(() => {});
      return client.log;
    };

    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const log = await logOf(seed, 0.5);
        expect(await logOf(seed, 0.5)).toEqual(log);
        expect(log.length).toBeGreaterThan(5);
        expect(log.length).toBeLessThan(35);
        expect(await logOf(seed, 0)).toEqual([]);
        expect(await logOf(seed, 1)).toHaveLength(40);
      }),
      { numRuns: 30 },
    );
  });

  it('meets every fault sooner or later, and only those that are asked for', async () => {
    const options = { ...OUTPUT, ...TOOLS };
    const metBy = async (settings: Partial<FaultyOptions>) => {
      const script = Array.from({ length: 600 }, () => toolCall('handoff_to_a'));
      const client = faulty(scripted(script), {
        rate: 1,
        clock: instantClock(),
        ...settings,
      } as FaultyOptions);
      for (let call = 0; call < 600; call += 1)
        await collectChatResponse(client, messages, options).catch(() => {});
      return new Set(client.log.map(({ fault }) => fault));
    };

    expect([...(await metBy({}))].toSorted()).toEqual([...FAULT_KINDS].toSorted());
    expect(await metBy({ faults: ['refusal'] })).toEqual(new Set(['refusal']));
  });

  it('refuses what it cannot do', () => {
    expect(() => faulty(scripted([]), { rate: 1.5 })).toThrow('from 0 to 1, got 1.5');
    expect(() => faulty(scripted([]), { plan: ['gremlin' as never] })).toThrow('got "gremlin"');
  });
});
