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
