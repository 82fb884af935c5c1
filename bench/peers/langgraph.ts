import { Annotation, END, START, StateGraph } from '@langchain/langgraph';

import { type Subject } from '../subject.ts';

const State = Annotation.Root({ count: Annotation<number> });
const addOne = ({ count }: { count: number }) => ({ count: count + 1 });

function chainOf(length: number) {
  const graph: any = new StateGraph(State);
  for (let index = 0; index < length; index += 1) graph.addNode(`n${index}`, addOne);
  graph.addEdge(START, 'n0');
  for (let index = 1; index < length; index += 1) graph.addEdge(`n${index - 1}`, `n${index}`);
  graph.addEdge(`n${length - 1}`, END);
  return graph.compile();
}

function loopOf(supersteps: number) {
  const other = (node: string) => (state: { count: number }) =>
    state.count < supersteps ? node : END;
  const graph: any = new StateGraph(State).addNode('ping', addOne).addNode('pong', addOne);
  graph.addEdge(START, 'ping');
  graph.addConditionalEdges('ping', other('pong'), ['pong', END]);
  graph.addConditionalEdges('pong', other('ping'), ['ping', END]);
  return graph.compile();
}

/** LangGraph.js: a StateGraph of plain functions. */
export const subject: Subject = {
  name: 'LangGraph.js',
  chain: (length) => {
    const app = chainOf(length);
    return async () => (await app.invoke({ count: 0 }, { recursionLimit: length + 5 })).count;
  },
  loop: (supersteps) => {
    const app = loopOf(supersteps);
    return async () => (await app.invoke({ count: 0 }, { recursionLimit: supersteps + 5 })).count;
  },
  streamedLoop: (supersteps) => {
    const app = loopOf(supersteps);
    return async () => {
      let last = 0;
      const options = { recursionLimit: supersteps + 5, streamMode: 'updates' };
      for await (const update of await app.stream({ count: 0 }, options))
        last = (update.ping ?? update.pong).count;
      return last;
    };
  },
  fanOut: (width, waitMs) => {
    const Sum = Annotation.Root({
      sum: Annotation<number>({ reducer: (left, right) => left + right, default: () => 0 }),
    });
    const graph: any = new StateGraph(Sum);
    const wait = () => new Promise((resolve) => setTimeout(resolve, waitMs));
    const answer = waitMs > 0 ? async () => (await wait(), { sum: 1 }) : () => ({ sum: 1 });
    graph.addNode('start', () => ({ sum: 0 })).addNode('end', () => ({ sum: 0 }));
    graph.addEdge(START, 'start').addEdge('end', END);
    const names = Array.from({ length: width }, (_, index) => `w${index}`);
    for (const name of names) graph.addNode(name, answer).addEdge('start', name);
    graph.addEdge(names, 'end');
    const app = graph.compile();
    return async () => (await app.invoke({ sum: 0 })).sum;
  },
  groupChat: (turns) => {
    const Chat = Annotation.Root({
      messages: Annotation<string[]>({ reducer: (left, right) => [...left, ...right] }),
    });
    const graph: any = new StateGraph(Chat);
    const names = ['ann', 'bob', 'cleo', 'dan'];
    for (const [index, name] of names.entries()) {
      graph.addNode(name, async () => ({ messages: ['Yes.'] }));
      const next = names[(index + 1) % names.length];
      graph.addConditionalEdges(
        name,
        ({ messages }: { messages: string[] }) => (messages.length > turns ? END : next),
        [next, END],
      );
    }
    graph.addEdge(START, 'ann');
    const app = graph.compile();
    return async () =>
      (await app.invoke({ messages: ['Shall we?'] }, { recursionLimit: turns + 5 })).messages
        .length - 1;
  },
  forks: (length) => {
    const app = chainOf(length);
    return () => async () => (await app.invoke({ count: 0 }, { recursionLimit: length + 5 })).count;
  },
};
