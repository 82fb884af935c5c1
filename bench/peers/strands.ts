import { TextBlock } from '@strands-agents/sdk';
import { Graph, Node } from '@strands-agents/sdk/multiagent';

import { type Subject } from '../subject.ts';

/** A node that hands a number on in its node's own memory, since a graph carries texts. */
class CountingNode extends Node {
  readonly handleOne: () => Promise<void>;

  constructor(id: string, handleOne: () => Promise<void>) {
    super(id, {});
    this.handleOne = handleOne;
  }

  async *handle(): any {
    await this.handleOne();
    return { content: [new TextBlock('')] };
  }
}

interface Counter {
  count: number;
}

async function invoke(graph: Graph, counter: Counter): Promise<number> {
  counter.count = 0;
  const result = await graph.invoke('go');
  if (result.status !== 'COMPLETED') throw new Error(`Strands ended ${result.status}.`);
  return counter.count;
}

function chainOf(length: number): () => Promise<number> {
  const counter: Counter = { count: 0 };
  const nodes = Array.from(
    { length },
    (_, index) => new CountingNode(`n${index}`, async () => void (counter.count += 1)),
  );
  const edges = nodes
    .slice(1)
    .map((_, index) => [`n${index}`, `n${index + 1}`] as [string, string]);
  const graph = new Graph({ nodes, edges, maxSteps: length + 5 });
  return () => invoke(graph, counter);
}

/** Strands: a graph of custom nodes. */
export const subject: Subject = {
  name: 'Strands',
  chain: chainOf,
  loop: (supersteps) => {
    const counter: Counter = { count: 0 };
    const node = (id: string) => new CountingNode(id, async () => void (counter.count += 1));
    const goesOn = () => counter.count < supersteps;
    const graph = new Graph({
      nodes: [node('ping'), node('pong')],
      edges: [
        { source: 'ping', target: 'pong', handler: goesOn },
        { source: 'pong', target: 'ping', handler: goesOn },
      ],
      sources: ['ping'],
      maxSteps: supersteps + 5,
    });
    return () => invoke(graph, counter);
  },
  fanOut: (width, waitMs) => {
    const counter: Counter = { count: 0 };
    const answer = async (): Promise<void> => {
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      counter.count += 1;
    };
    const names = Array.from({ length: width }, (_, index) => `w${index}`);
    const silent = async (): Promise<void> => {};
    const graph = new Graph({
      nodes: [
        new CountingNode('start', silent),
        ...names.map((name) => new CountingNode(name, answer)),
        new CountingNode('end', silent),
      ],
      edges: names.flatMap((name): [string, string][] => [
        ['start', name],
        [name, 'end'],
      ]),
      maxConcurrency: width,
      maxSteps: width + 5,
    });
    return () => invoke(graph, counter);
  },
  forks: (length) => () => chainOf(length),
};
