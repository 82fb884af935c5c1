import { type ChatClientErrorCode } from '@colloquy/core';

/** What a model or its service may do wrong. */
export type FaultKind =
  | 'rate-limit'
  | 'server-error'
  | 'timeout'
  | 'slow-start'
  | 'cut-stream'
  | 'empty-reply'
  | 'refusal'
  | 'giant-reply'
  | 'ghost-tool-call'
  | 'call-without-id'
  | 'two-handoffs'
  | 'repeated-json'
  | 'fenced-json'
  | 'truncated-json'
  | 'wrong-case-speaker'
  | 'unknown-speaker'
  | 'text-booleans'
  | 'missing-key'
  | 'extra-key';

/** What a fault does. */
export interface Fault {
  readonly meaning: string;
  /** `asked`: the model is asked and its reply changed; `instead`: it is not asked at all. */
  readonly stage: 'asked' | 'instead';
  /** Which requests it can be done to: all, those that want JSON, or those that offer tools. */
  readonly needs: 'anything' | 'output' | 'tools';
  /** The code of the `ChatClientError` that the client rejects with; absent where there is a reply. */
  readonly code?: ChatClientErrorCode;
}

/** Every fault, in the order in which they are drawn. */
export const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  'rate-limit': {
    meaning: 'the service answers 429 with Retry-After',
    stage: 'instead',
    needs: 'anything',
    code: 'chat-client/rate-limit',
  },
  'server-error': {
    meaning: 'the service answers 503',
    stage: 'instead',
    needs: 'anything',
    code: 'chat-client/server',
  },
  timeout: {
    meaning: 'the service does not begin to answer in time',
    stage: 'instead',
    needs: 'anything',
    code: 'chat-client/timeout',
  },
  'slow-start': {
    meaning: 'the first token takes long',
    stage: 'asked',
    needs: 'anything',
  },
  'cut-stream': {
    meaning: 'the connection breaks in the middle of the reply',
    stage: 'asked',
    needs: 'anything',
    code: 'chat-client/interrupted',
  },
  'empty-reply': {
    meaning: 'the reply says nothing',
    stage: 'instead',
    needs: 'anything',
  },
  refusal: {
    meaning: 'the model refuses',
    stage: 'instead',
    needs: 'anything',
  },
  'giant-reply': {
    meaning: 'the reply goes on and on',
    stage: 'asked',
    needs: 'anything',
  },
  'ghost-tool-call': {
    meaning: 'the model calls a tool that it was not given',
    stage: 'instead',
    needs: 'anything',
  },
  'call-without-id': {
    meaning: 'the calls of the reply have no ids',
    stage: 'asked',
    needs: 'tools',
  },
  'two-handoffs': {
    meaning: 'the reply hands over to two agents',
    stage: 'asked',
    needs: 'tools',
  },
  'repeated-json': {
    meaning: 'the JSON comes twice',
    stage: 'asked',
    needs: 'output',
  },
  'fenced-json': {
    meaning: 'the JSON comes in a fence, with prose around it',
    stage: 'asked',
    needs: 'output',
  },
  'truncated-json': {
    meaning: 'the JSON ends in the middle',
    stage: 'asked',
    needs: 'output',
  },
  'wrong-case-speaker': {
    meaning: 'the next speaker is written in capitals',
    stage: 'asked',
    needs: 'output',
  },
  'unknown-speaker': {
    meaning: 'the next speaker is nobody',
    stage: 'asked',
    needs: 'output',
  },
  'text-booleans': {
    meaning: 'true and false come as text',
    stage: 'asked',
    needs: 'output',
  },
  'missing-key': {
    meaning: 'a key of the JSON is missing',
    stage: 'asked',
    needs: 'output',
  },
  'extra-key': {
    meaning: 'the JSON has a key that nobody asked for',
    stage: 'asked',
    needs: 'output',
  },
};

/** Object.keys of a record whose keys are known. */
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULTS).filter(isFaultKind);

/** Whether a text names a fault. */
export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(FAULTS, text);
}
