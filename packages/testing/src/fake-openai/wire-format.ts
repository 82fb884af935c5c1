import { type Answer, type AnswerPart } from './answer.ts';

/** What names an answer. */
export interface AnswerNames {
  /** Which answer of the server it is, from 1. */
  readonly number: number;
  readonly model: string;
}

/** How one API tells of an answer. */
export interface WireFormat {
  /** What comes before anything is known of the answer. */
  readonly begin: () => readonly object[];
  readonly of: (part: AnswerPart) => readonly object[];
  readonly end: (answer: Answer) => readonly object[];
  /** What comes behind the last of a stream. */
  readonly terminator: string;
  /** The whole answer, where no stream is asked for. */
  readonly whole: (answer: Answer) => object;
}

/** When every answer is made: no test should depend on when it runs. */
export const CREATED_AT = 1_700_000_000;
