import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type ValidationIssue, WorkflowValidationError } from '../errors/validation-errors.ts';
import { Executor } from '../graph/executor.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { on } from '../graph/handler.ts';
import { defineMessage } from '../graph/message-type.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

const any = (id: string) => defineExecutor(id, (message: unknown) => message);
const start = any('start');
const [a, b] = [any('a'), any('b')];

/** A builder as JavaScript sees it: anything may be passed. */
interface LooseBuilder {
  addEdge(...parts: unknown[]): LooseBuilder;
  addChain(...parts: unknown[]): LooseBuilder;
  addFanOut(...parts: unknown[]): LooseBuilder;
  addFanIn(...parts: unknown[]): LooseBuilder;
  addSwitch(...parts: unknown[]): LooseBuilder;
  build(): { readonly graph: { readonly edgeGroups: readonly { readonly id: string }[] } };
}

function loose(options: Record<string, unknown> = {}): LooseBuilder {
  const given: unknown = { name: 'flow', start, ...options };
  const builder: unknown = new WorkflowBuilder(given as never);
  return builder as LooseBuilder;
}

function issuesOf(builder: LooseBuilder): readonly ValidationIssue[] {
  try {
    builder.build();
  } catch (error) {
    if (error instanceof WorkflowValidationError) return error.issues;
    throw error;
  }
  return [];
}

const issue = (code: string, message: string): ValidationIssue => ({ code, message });

describe('WorkflowBuilder.build', () => {
  it('tells of everything that is wrong at once', () => {
    const build = () =>
      loose({ name: '', maxSupersteps: 0 }).addChain([a]).addEdge(start, 'a').addEdge(b, b).build();

    expect(build).toThrow(
      [
        'Workflow "" cannot be built:',
        '- [invalid-option] Expected the option name to be a non-empty string, got string "". Name the workflow: it appears in errors and checkpoints.',
        '- [invalid-option] Expected the option maxSupersteps to be a whole number, 1 or more, or Infinity, got number 0. Leave it out for the default.',
        '- [unknown-executor] Expected an executor definition, a factory, an Executor or an agent as the target of an edge, got string "a". Pass the executor itself, not its id.',
        '- [too-few] Expected addChain to get a list of at least two executors, got 1. For one, use addEdge.',
        '- [unreachable-executor] Executor "a" cannot be reached from the start "start". Add an edge to it, or take it out.',
        '- [unreachable-executor] Executor "b" cannot be reached from the start "start". Add an edge to it, or take it out.',
      ].join('\n'),
    );
  });

  it('throws an error with a code and the issues', () => {
    expect(() => loose({ name: 7 }).build()).toThrow(
      expect.objectContaining({
        name: 'WorkflowValidationError',
        code: 'workflow/invalid',
        issues: [
          issue(
            'invalid-option',
            'Expected the option name to be a non-empty string, got number 7. Name the workflow: it appears in errors and checkpoints.',
          ),
        ],
      }),
    );
  });

  it('tells the same when it is called again', () => {
    const builder = loose({ outputFrom: [b] }).addChain([start]);

    expect(issuesOf(builder)).toEqual(issuesOf(builder));
  });

  it('is not changed by what is added later', async () => {
    const end = defineExecutor('end', (message: unknown, ctx) => ctx.yield(message));
    const builder = new WorkflowBuilder({ name: 'flow', start });
    const workflow = builder.build();

    builder.addEdge(start, end);

    expect((await workflow.run('x')).outputs).toEqual([]);
    expect((await builder.build().run('x')).outputs).toEqual(['x']);
  });

  it('freezes the edges', () => {
    const { graph } = loose().addFanOut(start, [a, b]).build();

    expect(Object.isFrozen(graph) && Object.isFrozen(graph.edgeGroups)).toBe(true);
    expect(Reflect.get(graph.edgeGroups[0] ?? {}, 'targets')).toSatisfy(Object.isFrozen);
  });
});

describe('an option that is wrong', () => {
  it.each([
    ['maxSupersteps', 0],
    ['maxSupersteps', 1.5],
    ['maxSupersteps', '5'],
    ['maxConcurrency', -1],
    ['maxConcurrency', Number.NaN],
    ['graceMs', -1],
    ['graceMs', Number.NaN],
    ['graceMs', '5'],
    ['outputFrom', a],
    ['outputFrom', 'all_other'],
    ['intermediateFrom', 'everything'],
    ['shared', { key: {} }],
    ['shared', { key: { initial: () => 0, reduce: 'sum' } }],
  ])('is refused: %s %s', (option, value) => {
    const issues = issuesOf(loose({ [option]: value }));

    expect(issues.map(({ code }) => code)).toEqual(['invalid-option']);
    expect(issues[0]?.message).toContain(`Expected the option ${option}`);
  });

  it.each([
    ['maxSupersteps', Infinity],
    ['maxConcurrency', Infinity],
    ['maxConcurrency', 1],
    ['graceMs', 0],
    ['graceMs', Infinity],
    ['outputFrom', 'all'],
    ['intermediateFrom', 'all_other'],
  ])('is not %s %s', (option, value) => {
    expect(issuesOf(loose({ [option]: value }))).toEqual([]);
  });
});

describe('what is no executor', () => {
  it.each([
    ['undefined', undefined, 'not-an-executor'],
    ['null', null, 'not-an-executor'],
    ['an id', 'start', 'unknown-executor'],
    ['an empty id', '', 'unknown-executor'],
    ['a number', 7, 'not-an-executor'],
    ['a plain object', { id: 'start' }, 'not-an-executor'],
    ['a class instead of a factory', Executor, 'executor-failed'],
    ['a factory of nothing', () => undefined, 'not-an-executor'],
    ['a factory that throws', () => JSON.parse('{'), 'executor-failed'],
  ])('is refused as the start: %s', (_, value, code) => {
    expect(issuesOf(loose({ start: value })).map((each) => each.code)).toEqual([code]);
  });

  it.each([
    ['the source of an edge', () => loose().addEdge(undefined, a)],
    ['the target of an edge', () => loose().addEdge(start, undefined)],
    ['an executor of a chain', () => loose().addChain([null, start])],
    ['a target of a fan-out', () => loose().addFanOut(start, [start, {}])],
    ['the source of a fan-out', () => loose().addFanOut(null, [start, a])],
    ['a source of a fan-in', () => loose().addFanIn([start, 3], start)],
    ['the target of a fan-in', () => loose().addFanIn([start, a], 3)],
    [
      'the target of a switch',
      () => loose().addSwitch(start, [{ when: () => true }, { to: start }]),
    ],
    [
      'the source of a switch',
      () => loose().addSwitch(7, [{ when: () => true, to: a }, { to: b }]),
    ],
  ])('is refused as %s', (where, build) => {
    const messages = issuesOf(build())
      .filter(({ code }) => code === 'not-an-executor')
      .map(({ message }) => message);

    expect(messages).toEqual([expect.stringContaining(`or an agent as ${where}, got `)]);
  });

  it('is refused where it has no id', () => {
    expect(() => defineExecutor('')).toThrow(
      'Expected a non-empty string as the executor\'s id, got string "".',
    );
    expect(() => defineExecutor(undefined as never)).toThrow(
      expect.objectContaining({ code: 'executor/empty-id' }),
    );
  });

  it('is refused where it handles nothing', () => {
    class Bare extends Executor {
      declare readonly handlers: [];
    }

    const issues = issuesOf(loose().addFanOut(start, [defineExecutor('none'), new Bare('bare')]));

    expect(issues).toEqual([
      issue(
        'no-handlers',
        'Executor "none" handles nothing. Add .on(type, handler), or list on(…) in its handlers.',
      ),
      issue(
        'no-handlers',
        'Executor "bare" handles nothing. Add .on(type, handler), or list on(…) in its handlers.',
      ),
    ]);
  });
});

describe('executors with one id', () => {
  it('are refused', () => {
    expect(issuesOf(loose().addEdge(start, any('start')))).toEqual([
      issue(
        'duplicate-executor',
        'Expected every executor to have an id of its own, got two different ones with the id "start". Rename one; for the same agent twice use agentExecutor(agent, { id }).',
      ),
    ]);
  });

  it('N1: are one executor where they are the same source', () => {
    const factory = (): Executor => new Twice('made');
    class Twice extends Executor {
      readonly handlers = [on(String, () => {})];
    }

    expect(issuesOf(loose().addEdge(start, factory).addEdge(a, factory).addEdge(start, a))).toEqual(
      [],
    );
  });

  it('N2: are counted in the order in which they are first named', () => {
    const { graph } = new WorkflowBuilder({ name: 'flow', start })
      .addEdge(a, any('late'))
      .addEdge(start, a)
      .build();

    expect(Array.from(graph.executors.values(), ({ id, index }) => [id, index])).toEqual([
      ['start', 0],
      ['a', 1],
      ['late', 2],
    ]);
  });

  it('are refused where a factory gives another id each time', () => {
    let count = 0;
    class Numbered extends Executor {
      readonly handlers = [on(String, () => {})];
    }
    const factory = (): Executor => {
      count += 1;
      return new Numbered(`made ${count}`);
    };

    expect(() => loose().addEdge(start, factory).build()).toThrow(
      'Expected the factory of executor "made 1" to return an Executor with that id each time, got one with the id "made 2".',
    );
  });
});

describe('handlers', () => {
  it('are refused where one takes the very same as an earlier one', () => {
    const schema = z.string();
    class Twice extends Executor {
      readonly handlers = [on(schema, () => {}), on(Number, () => {}), on(schema, () => {})];
    }

    expect(issuesOf(loose().addEdge(start, new Twice('twice')))).toEqual([
      issue(
        'repeated-matcher',
        'Executor "twice" handles zod schema twice; the second handler would never run. Merge the two.',
      ),
    ]);
  });
});

describe('edges', () => {
  it.each([
    [
      'a chain',
      () => loose().addChain([start]),
      'addChain to get a list of at least two executors, got 1',
    ],
    [
      'a chain of arguments',
      () => loose().addChain(start, a),
      'addChain to get a list of at least two executors, got object',
    ],
    [
      'a fan-out',
      () => loose().addFanOut(start, [start]),
      'addFanOut to get a list of at least two targets, got 1',
    ],
    [
      'a fan-out to nothing',
      () => loose().addFanOut(start),
      'addFanOut to get a list of at least two targets, got undefined',
    ],
    [
      'a fan-in',
      () => loose().addFanIn([start], start),
      'addFanIn to get a list of at least two sources, got 1',
    ],
    [
      'a switch',
      () => loose().addSwitch(start, [{ to: start }]),
      'addSwitch to get a list of at least two branches, got 1',
    ],
  ])('are refused where %s has too few', (_, build, problem) => {
    const messages = issuesOf(build())
      .filter(({ code }) => code === 'too-few')
      .map(({ message }) => message);

    expect(messages).toEqual([expect.stringContaining(`Expected ${problem}`)]);
  });

  it.each([
    ['when of addEdge', () => loose().addEdge(start, a, { when: true })],
    ['select of addFanOut', () => loose().addFanOut(start, [a, b], { select: ['a'] })],
    [
      'when of a branch of addSwitch',
      () => loose().addSwitch(start, [{ when: 'a', to: a }, { to: b }]),
    ],
  ])('are refused where %s is no function', (where, build) => {
    expect(issuesOf(build())).toEqual([
      issue('invalid-condition', expect.stringContaining(`Expected ${where} to be a function`)),
    ]);
  });

  it.each([
    [
      'no default',
      [
        { when: () => true, to: a },
        { when: () => true, to: b },
      ],
      '0',
    ],
    ['two defaults', [{ to: a }, { to: b }], '2'],
    ['a default that is not the last', [{ to: a }, { when: () => true, to: b }], '1, not last'],
  ])('are refused where a switch has %s', (_, branches, got) => {
    expect(issuesOf(loose().addSwitch(start, branches))).toEqual([
      issue(
        'switch-default',
        `Expected the switch of "start" to end with exactly one branch without when, got ${got}. Put { to: … } at the end.`,
      ),
    ]);
  });

  it.each([
    ['two plain edges', () => loose().addEdge(start, a).addEdge(start, a)],
    ['an edge beside a fan-out', () => loose().addFanOut(start, [a, b]).addEdge(start, a)],
    ['a fan-out that names a target twice', () => loose().addFanOut(start, [a, a])],
    ['an edge that a chain repeats', () => loose().addEdge(start, a).addChain([start, a])],
  ])('are refused where a message would go along twice: %s', (_, build) => {
    expect(issuesOf(build())).toEqual([
      issue(
        'duplicate-edge',
        'The edge "start->a" is there twice, so its messages would be delivered twice. Remove one, or give each a condition.',
      ),
    ]);
  });

  it('are refused where a fan-in names a source twice', () => {
    const issues = issuesOf(loose().addFanOut(start, [a, b]).addFanIn([a, a], start));

    expect(issues.map(({ code }) => code)).toEqual(['duplicate-edge']);
  });

  it('may lead to one executor twice where conditions tell them apart', () => {
    const builder = loose()
      .addEdge(start, a, { when: () => true })
      .addEdge(start, a, { when: () => false })
      .addSwitch(start, [{ when: () => true, to: a }, { to: a }]);

    expect(issuesOf(builder)).toEqual([]);
  });

  it('have ids of their own, whatever the executors are called', () => {
    const [second, plain] = [any('a#2'), any('a')];
    const builder = loose()
      .addEdge(start, second)
      .addEdge(start, plain, { when: () => true })
      .addEdge(start, plain, { when: () => false });

    const ids = builder.build().graph.edgeGroups.map(({ id }) => id);

    expect(ids).toEqual(['start->a#2', 'start->a', 'start->a#3']);
  });

  it('may lead from an executor to itself', () => {
    expect(issuesOf(loose().addEdge(start, start))).toEqual([]);
  });
});

describe('declared types', () => {
  const [Draft, Review] = [defineMessage('draft'), defineMessage('review')];
  const sending = (...sends: never[]) => defineExecutor('sending', { sends }).on(String, () => {});

  it('are refused along an edge where nothing that is sent can be handled', () => {
    const source = defineExecutor('source', { sends: [Draft, String] }).on(String, () => {});
    const target = defineExecutor('target')
      .on(Review, () => {})
      .on(Number, () => {});

    expect(issuesOf(loose({ start: source }).addEdge(source, target))).toEqual([
      issue(
        'incompatible-types',
        'Nothing that "source" sends (draft, string) can be handled by "target" (review, number). Add .on(…) to "target", or change the edge.',
      ),
    ]);
  });

  it('are refused where an executor with an edge says that it sends nothing', () => {
    const source = sending();
    const target = defineExecutor('target').on(String, () => {});

    expect(issuesOf(loose({ start: source }).addEdge(source, target))).toEqual([
      issue(
        'incompatible-types',
        'Nothing that "sending" sends (nothing) can be handled by "target" (string). Add .on(…) to "target", or change the edge.',
      ),
    ]);
  });

  it.each([
    ['one of several fits', [Draft, Review]],
    ['a schema may fit', [z.object({ type: z.literal('draft') })]],
  ])('pass where %s', (_, sends) => {
    const source = defineExecutor('source', { sends }).on(String, () => {});
    const target = defineExecutor('target').on(Review, () => {});

    expect(issuesOf(loose({ start: source }).addEdge(source, target))).toEqual([]);
  });

  it('are refused at a fan-in whose target takes no list', () => {
    const join = defineExecutor('join').on(Draft, () => {});

    expect(issuesOf(loose().addFanOut(start, [a, b]).addFanIn([a, b], join))).toEqual([
      issue(
        'fan-in-target-takes-no-list',
        'The fan-in "[a,b]->join" delivers a list, but "join" handles only draft. Add .on(z.array(…), handler).',
      ),
    ]);
  });
});

describe('outputFrom and intermediateFrom', () => {
  const select = (options: Record<string, unknown>) =>
    issuesOf(loose(options).addFanOut(start, [a, b]));

  it.each([
    ['nobody', { outputFrom: [] }, 'empty-output-selection'],
    ['nobody twice', { outputFrom: [], intermediateFrom: [] }, 'empty-output-selection'],
    ['a stranger', { outputFrom: [any('stranger')] }, 'unknown-output'],
    ['what is no executor', { outputFrom: [7] }, 'unknown-output'],
    ['an executor twice', { intermediateFrom: [a, a] }, 'repeated-output'],
    ['an executor in both', { outputFrom: [a], intermediateFrom: [a] }, 'overlapping-outputs'],
    ['everybody and one more', { outputFrom: 'all', intermediateFrom: [a] }, 'overlapping-outputs'],
    ['everybody in both', { outputFrom: 'all', intermediateFrom: 'all' }, 'overlapping-outputs'],
    ['one of everybody', { outputFrom: [a], intermediateFrom: 'all' }, 'overlapping-outputs'],
  ])('are refused where they name %s', (_, options, code) => {
    expect(select(options).map((each) => each.code)).toEqual([code]);
  });

  it('say who is known where they name a stranger', () => {
    expect(select({ outputFrom: [any('stranger')] })).toEqual([
      issue(
        'unknown-output',
        'outputFrom names "stranger", which is not in the workflow. It has: start, a, b.',
      ),
    ]);
  });

  it.each([
    ['one each', { outputFrom: [a], intermediateFrom: [b] }],
    ['the rest', { outputFrom: [a], intermediateFrom: 'all_other' }],
    ['everybody as intermediate', { intermediateFrom: 'all' }],
    ['an id', { outputFrom: ['a'] }],
  ])('may name %s', (_, options) => {
    expect(select(options)).toEqual([]);
  });
});
