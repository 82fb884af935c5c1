import OpenAI from 'openai';

/** What the client was told that was refused. */
export interface Refusal {
  readonly status: number | undefined;
  readonly code: string | null | undefined;
  readonly param: string | null | undefined;
  readonly message: string;
}

/** Waits for a request to be refused, and gives what the client was told. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OpenAI.APIError)) throw new Error('Expected a refusal.');
  return { status: error.status, code: error.code, param: error.param, message: error.message };
}
