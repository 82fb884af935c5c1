import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { defineExecutor } from '../graph/executor-definition.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { toDot } from './dot.ts';
import { toMermaid } from './mermaid.ts';

const any = (id: string) => defineExecutor(id, (message: unknown) => message);
const [start, a, b, c, d] = [any('start'), any('a'), any('b'), any('c'), any('d')];

/** Every kind of edge. */
const everything = new WorkflowBuilder({ name: 'all', start })
  .addEdge(start, a)
  .addEdge(start, b, { when: () => true })
  .addFanOut(a, [b, c])
  .addFanOut(b, [c, d], { select: () => ['c'] })
  .addFanIn([c, d], start)
  .addSwitch(d, [{ when: () => true, to: a }, { to: d }])
  .build();

const named = (...ids: [string, string]) => {
  const [first, second] = [any(ids[0]), any(ids[1])];
  return new WorkflowBuilder({ name: 'named', start: first }).addEdge(first, second).build();
};

describe('toMermaid', () => {
  it('draws every kind of edge', () => {
    expect(toMermaid(everything)).toBe(
      [
        'flowchart TD',
        'n0(["start"])',
        'n1["a"]',
        'n2["b"]',
        'n3["c"]',
        'n4["d"]',
        'j4(("fan-in"))',
        'n0 --> n1',
        'n0 -. "when" .-> n2',
        'n1 --> n2',
        'n1 --> n3',
        'n2 -. "select" .-> n3',
        'n2 -. "select" .-> n4',
        'n3 --> j4',
        'n4 --> j4',
        'j4 --> n0',
        'n4 -. "case 1" .-> n1',
        'n4 -. "default" .-> n4',
      ].join('\n  '),
    );
  });

  it('writes as characters what would end a label or mean something in it', () => {
    const lines = toMermaid(named('say "hi" <b>&lt;', '`#1`\n]')).split('\n  ');

    expect(lines.slice(1, 3)).toEqual([
      'n0(["say #34;hi#34; #60;b#62;#38;lt;"])',
      'n1["#96;#35;1#96;#10;]"]',
    ]);
  });
});

describe('toDot', () => {
  it('draws every kind of edge', () => {
    expect(toDot(everything)).toBe(
      [
        'digraph "all" {',
        '  n0 [label="start", shape=box, style="rounded,filled"];',
        '  n1 [label="a", shape=box];',
        '  n2 [label="b", shape=box];',
        '  n3 [label="c", shape=box];',
        '  n4 [label="d", shape=box];',
        '  j4 [label="fan-in", shape=ellipse];',
        '  n0 -> n1;',
        '  n0 -> n2 [label="when", style=dashed];',
        '  n1 -> n2;',
        '  n1 -> n3;',
        '  n2 -> n3 [label="select", style=dashed];',
        '  n2 -> n4 [label="select", style=dashed];',
        '  n3 -> j4;',
        '  n4 -> j4;',
        '  j4 -> n0;',
        '  n4 -> n1 [label="case 1", style=dashed];',
        '  n4 -> n4 [label="default", style=dashed];',
        '}',
      ].join('\n'),
    );
  });

  it('escapes quotes, backslashes and line ends', () => {
    expect(toDot(named('a"; b', 'c\\"\n')).split('\n').slice(1, 3)).toEqual([
      '  n0 [label="a\\"; b", shape=box, style="rounded,filled"];',
      '  n1 [label="c\\\\\\"\\n", shape=box];',
    ]);
  });
});

describe('pictures of any two executors', () => {
  it('have one line for each executor and arrow', () => {
    const ids = fc
      .uniqueArray(fc.string({ minLength: 1, unit: 'binary' }), { minLength: 2, maxLength: 2 })
      .map(([first = '', second = '']) => [first, second] as const);

    fc.assert(
      fc.property(ids, ([first, second]) => {
        const workflow = named(first, second);

        const lines = [toMermaid(workflow).split(/\n/), toDot(workflow).split(/\n/)];

        expect(lines.map(({ length }) => length)).toEqual([4, 5]);
      }),
    );
  });
});
