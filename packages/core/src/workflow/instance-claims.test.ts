import { describe, expect, it } from 'vitest';

import { Executor } from '../graph/executor.ts';
import { on } from '../graph/handler.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

class Counter extends Executor {
  #seen = 0;
  override readonly stateless: boolean;
  readonly handlers = [on(String, (_, { yield: put }) => put((this.#seen += 1)))];

  constructor(stateless = false) {
    super('counter');
    this.stateless = stateless;
  }

  override reset(): void {
    this.#seen = 0;
  }
}

const build = (start: Counter) => new WorkflowBuilder({ name: 'count', start }).build();

describe('an executor instance', () => {
  it('belongs to one workflow', () => {
    const counter = new Counter();
    build(counter);

    expect(() => build(counter)).toThrow(
      /instance "counter" to belong to one workflow.*Pass a factory/,
    );
  });

  it('may be shared when it is stateless', () => {
    const counter = new Counter(true);
    build(counter);

    expect(() => build(counter)).not.toThrow();
  });

  it('is not taken by a build that fails', () => {
    const counter = new Counter();

    expect(() => new WorkflowBuilder({ name: '', start: counter }).build()).toThrow('name');
    expect(() => build(counter)).not.toThrow();
  });
});
