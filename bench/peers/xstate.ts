import { assign, createActor, fromPromise, setup, toPromise } from 'xstate';

import { type Subject } from '../subject.ts';

const addOne = fromPromise(async ({ input }: any) => input + 1);

function chainOf(length: number) {
  const states: any = { done: { type: 'final' } };
  for (let index = 0; index < length; index += 1) {
    states[`n${index}`] = {
      invoke: {
        src: 'addOne',
        input: ({ context }: any) => context.count,
        onDone: {
          target: index + 1 < length ? `n${index + 1}` : 'done',
          actions: assign({ count: ({ event }: any) => event.output }),
        },
      },
    };
  }
  return machineOf('n0', states);
}

function machineOf(initial: string, states: any) {
  return setup({ actors: { addOne } } as any).createMachine({
    context: { count: 0 },
    initial,
    states,
    output: ({ context }: any) => context.count,
  } as any);
}

function loopOf(supersteps: number) {
  const state = (next: string) => ({
    invoke: {
      src: 'addOne',
      input: ({ context }: any) => context.count,
      onDone: [
        {
          guard: ({ event }: any) => event.output >= supersteps,
          target: 'done',
          actions: assign({ count: ({ event }: any) => event.output }),
        },
        { target: next, actions: assign({ count: ({ event }: any) => event.output }) },
      ],
    },
  });
  return machineOf('ping', { ping: state('pong'), pong: state('ping'), done: { type: 'final' } });
}

const runOf = (machine: any) => () => toPromise(createActor(machine).start());

/** XState: a machine whose states invoke promises. */
export const subject: Subject = {
  name: 'XState',
  chain: (length) => runOf(chainOf(length)),
  loop: (supersteps) => runOf(loopOf(supersteps)),
  streamedLoop: (supersteps) => {
    const machine = loopOf(supersteps);
    return async () => {
      const actor = createActor(machine);
      let last = 0;
      actor.subscribe((snapshot: any) => {
        last = snapshot.context.count;
      });
      await toPromise(actor.start());
      return last;
    };
  },
  fanOut: (width, waitMs) => {
    const answer = fromPromise(async () => {
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      return 1;
    });
    const machine = setup({ actors: { answer } } as any).createMachine({
      context: { sum: 0, answered: 0 },
      initial: 'asking',
      states: {
        asking: {
          invoke: Array.from({ length: width }, (_, index) => ({
            id: `w${index}`,
            src: 'answer',
            onDone: {
              actions: assign({ sum: ({ context, event }: any) => context.sum + event.output }),
            },
          })),
          always: { guard: ({ context }: any) => context.sum === width, target: 'done' },
        },
        done: { type: 'final' },
      },
      output: ({ context }: any) => context.sum,
    } as any);
    return runOf(machine);
  },
  forks: (length) => {
    const machine = chainOf(length);
    return () => runOf(machine);
  },
};
