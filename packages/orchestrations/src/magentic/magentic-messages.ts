import {
  defineEvent,
  defineRequest,
  type EventType,
  type RequestType,
  type StandardSchema,
  type Tagged,
} from '@colloquy/core';
import * as z from 'zod';

import { type ProgressLedger, type TaskLedger } from './ledgers.ts';

const ledgerSchema = z.object({ facts: z.string(), plan: z.string() });
const progressSchema = z.custom<ProgressLedger>(
  (value) => typeof value === 'object' && value !== null,
);

/** What a team's orchestrator tells of its work. */
export type MagenticEventPayload =
  | { readonly kind: 'plan_created'; readonly ledger: TaskLedger; readonly version: number }
  | { readonly kind: 'replanned'; readonly ledger: TaskLedger; readonly version: number }
  | {
      readonly kind: 'progress_ledger_updated';
      readonly progress: ProgressLedger;
      readonly round: number;
    }
  | {
      readonly kind: 'stall';
      /** How many stalls there are with this one. */
      readonly stallCount: number;
      /** Why: the ledger's reason, or what kept the manager from giving one. */
      readonly reason: string;
    }
  | {
      readonly kind: 'participant_selected';
      readonly participant: string;
      readonly instruction: string;
      readonly round: number;
    }
  | { readonly kind: 'limit_reached'; readonly limit: string };

/** Tells of plans, progress, stalls, choices and limits. */
export const MagenticEvent: EventType<MagenticEvent, [payload: MagenticEventPayload]> = defineEvent(
  'magentic_orchestrator',
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('plan_created'), ledger: ledgerSchema, version: z.number() }),
    z.object({ kind: z.literal('replanned'), ledger: ledgerSchema, version: z.number() }),
    z.object({
      kind: z.literal('progress_ledger_updated'),
      progress: progressSchema,
      round: z.number(),
    }),
    z.object({ kind: z.literal('stall'), stallCount: z.number(), reason: z.string() }),
    z.object({
      kind: z.literal('participant_selected'),
      participant: z.string(),
      instruction: z.string(),
      round: z.number(),
    }),
    z.object({ kind: z.literal('limit_reached'), limit: z.string() }),
  ]),
);
export type MagenticEvent = Tagged<'magentic_orchestrator'> & MagenticEventPayload;

/** A plan for a human to look at. */
export interface PlanReviewRequest {
  readonly plan: string;
  readonly facts: string;
  /** The last progress ledger, where work has begun. */
  readonly progress?: ProgressLedger | undefined;
  /** Whether the plan was made because the work had stalled. */
  readonly isStalled: boolean;
  /** 1 for the first plan. */
  readonly version: number;
}

/** What a human says of a plan: good, make it anew, take this one, or stop. */
export type PlanReviewAnswer =
  | { readonly action: 'approve'; readonly note?: string | undefined }
  | { readonly action: 'revise'; readonly feedback: string }
  | { readonly action: 'replace'; readonly plan: string }
  | { readonly action: 'abort'; readonly reason?: string | undefined };

const planReviewAnswer: StandardSchema<unknown, PlanReviewAnswer> = z.discriminatedUnion('action', [
  z.object({ action: z.literal('approve'), note: z.string().optional() }),
  z.object({ action: z.literal('revise'), feedback: z.string().min(1) }),
  z.object({ action: z.literal('replace'), plan: z.string().min(1) }),
  z.object({ action: z.literal('abort'), reason: z.string().optional() }),
]);

/** Asks whether a plan is good. */
export const PlanReview: RequestType<PlanReviewRequest, PlanReviewAnswer> = defineRequest(
  'plan_review',
  {
    request: z.object({
      plan: z.string(),
      facts: z.string(),
      progress: progressSchema.optional(),
      isStalled: z.boolean(),
      version: z.number(),
    }),
    response: planReviewAnswer,
  },
);

/** Work that does not come on, for a human to look at. */
export interface StallReviewRequest {
  readonly plan: string;
  readonly progress?: ProgressLedger | undefined;
  readonly stallCount: number;
}

/** What a human says of a stall: go on all the same, plan anew, stop, or this advice. */
export type StallReviewAnswer =
  | { readonly action: 'continue' | 'replan' | 'abort' }
  | { readonly action: 'guide'; readonly text: string };

const stallReviewAnswer: StandardSchema<unknown, StallReviewAnswer> = z.discriminatedUnion(
  'action',
  [
    z.object({ action: z.literal('continue') }),
    z.object({ action: z.literal('replan') }),
    z.object({ action: z.literal('abort') }),
    z.object({ action: z.literal('guide'), text: z.string().min(1) }),
  ],
);

/** Asks what to do about a stall. */
export const StallReview: RequestType<StallReviewRequest, StallReviewAnswer> = defineRequest(
  'stall_review',
  {
    request: z.object({
      plan: z.string(),
      progress: progressSchema.optional(),
      stallCount: z.number(),
    }),
    response: stallReviewAnswer,
  },
);
