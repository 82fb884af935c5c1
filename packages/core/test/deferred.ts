/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes a promise that the test settles when the order matters. */
export function createDeferred<T = void>(): Deferred<T> {
  return Promise.withResolvers<T>();
}

/** Lets everything run that waits for nothing but its turn. */
export async function settleTurns(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** Something that can be awaited and is no promise, as query builders are. */
export function createThenable<T>(value: T): PromiseLike<T> {
  const awaited = Promise.resolve(value);
  // oxlint-disable-next-line unicorn/no-thenable -- being one is what it is for
  return { then: async (onFulfilled, onRejected) => awaited.then(onFulfilled, onRejected) };
}
