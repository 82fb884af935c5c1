import {
  addUsage,
  type AgentResponse,
  ConfigurationError,
  isMessage,
  type Message,
  type Usage,
  visibleMessages,
} from '@colloquy/core';

import { deepFreeze } from '../shared/conversation.ts';
import { describeValue } from '../shared/describe-value.ts';
import { isRecord } from '../shared/is-record.ts';
import { type TerminationView } from '../termination/termination-condition.ts';

/**
 * One conversation as its orchestrator knows it: plain JSON, replaced as a whole at every step.
 *
 * Replacing it only once a step has succeeded keeps a step that throws from being half done.
 */
export interface ChatState {
  /** Everything said since the last reset; deep-frozen messages. */
  readonly conversation: readonly SpokenMessage[];
  /** Where the present run's part of the conversation begins. */
  readonly runStart: number;
  /** Turns taken in the present run. */
  readonly round: number;
  readonly totalRounds: number;
  /** Tokens that participants have used in the present run. */
  readonly usage: Usage;
  /** Tools that participants have called in the present run, in order. */
  readonly toolCalls: readonly string[];
  /** Who is asked and has not answered. */
  readonly awaited: string | undefined;
  readonly lastSpeaker: string | undefined;
  /** How much of the conversation each participant has been given. */
  readonly cursors: Readonly<Record<string, number>>;
  /** The part of `cursors` that has certainly arrived: a reply has come since. */
  readonly confirmed: Readonly<Record<string, number>>;
  /** Participants who were given something since their last turn. */
  readonly informed: readonly string[];
  /** What those who read a view have been given and have not answered. */
  readonly handed: Readonly<Record<string, HandedView>>;
}

/** A view that a participant was given: it is given again, the same objects, where its turn was interrupted. */
export interface HandedView {
  readonly messages: readonly Message[];
  /** Up to where in the conversation the view goes. */
  readonly upTo: number;
}

/** A message, and the participant or the orchestrator who said it, if one of them did. */
export interface SpokenMessage {
  readonly message: Message;
  readonly speaker: string | undefined;
}

const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0, totalTokens: 0 });

/** A conversation in which nothing was said. */
export const EMPTY_CHAT: ChatState = {
  conversation: [],
  runStart: 0,
  round: 0,
  totalRounds: 0,
  usage: NO_USAGE,
  toolCalls: [],
  awaited: undefined,
  lastSpeaker: undefined,
  cursors: {},
  confirmed: {},
  informed: [],
  handed: {},
};

/** Adds what was said. */
export function withSpoken(
  state: ChatState,
  messages: readonly Message[],
  speaker?: string,
): ChatState {
  // Frozen, so that checkpoints store it once.
  const spoken = messages.map((message) => Object.freeze({ message, speaker }));
  return { ...state, conversation: [...state.conversation, ...spoken] };
}

/** Adds what a reply has used, and which tools it has called. */
export function withSpent(state: ChatState, { usage, messages }: ChatReply): ChatState {
  const called = messages.flatMap(({ contents }) =>
    contents.flatMap((content) => (content.type === 'function_call' ? content.name : [])),
  );
  return {
    ...state,
    toolCalls: [...state.toolCalls, ...called],
    usage: addUsage(state.usage, usage),
  };
}

/**
 * Begins a run: its rounds, tokens and tool calls count from nothing.
 *
 * A run that was interrupted may have dropped what was sent last; it is sent again, and agents ignore what they know.
 */
export function withRunBegun(state: ChatState): ChatState {
  const { round, usage, toolCalls } = EMPTY_CHAT;
  const runStart = state.conversation.length;
  const { confirmed: cursors } = state;
  return { ...state, runStart, round, usage, toolCalls, awaited: undefined, cursors };
}

/** Takes a reply as the participant's turn. */
export function withReply(state: ChatState, participant: string, reply: ChatReply): ChatState {
  const said = visibleMessages(reply.messages, participant);
  const spoken = withSpent(withSpoken(state, said, participant), reply);
  const { [participant]: _answered, ...handed } = spoken.handed;
  return {
    ...spoken,
    round: spoken.round + 1,
    totalRounds: spoken.totalRounds + 1,
    awaited: undefined,
    confirmed: spoken.cursors,
    lastSpeaker: participant,
    informed: spoken.informed.filter((name) => name !== participant),
    handed,
  };
}

/** Takes a reply that came after the chat had gone on without it: it is said, but is no turn. */
export function withLateReply(state: ChatState, participant: string, reply: ChatReply): ChatState {
  const said = visibleMessages(reply.messages, participant);
  const spoken = withSpent(withSpoken(state, said, participant), reply);
  const { [participant]: answered, ...handed } = spoken.handed;
  if (answered === undefined) return spoken;
  const read = { [participant]: answered.upTo };
  const { cursors, confirmed } = spoken;
  return {
    ...spoken,
    cursors: { ...cursors, ...read },
    confirmed: { ...confirmed, ...read },
    handed,
  };
}

/** What a termination condition looks at; deep-frozen. */
export function terminationViewOf(state: ChatState): TerminationView {
  const fullConversation = state.conversation.map(({ message }) => message);
  const { round, totalRounds, usage, toolCalls } = state;
  const conversation = fullConversation.slice(state.runStart);
  return deepFreeze({ conversation, fullConversation, round, totalRounds, usage, toolCalls });
}

/** What a participant has said, and what that took. */
export type ChatReply = Pick<AgentResponse, 'messages' | 'usage'>;

/** What a participant has not been given and did not say itself. */
export function unreadBy(state: ChatState, participant: string): Message[] {
  return unreadSince(state, participant, state.cursors[participant] ?? 0).map(
    ({ message }) => message,
  );
}

/** What was said from a place on, but for a participant's own words. */
export function unreadSince(
  state: ChatState,
  participant: string,
  start: number,
): readonly SpokenMessage[] {
  return state.conversation.slice(start).filter(({ speaker }) => speaker !== participant);
}

/** Notes what of a view a participant has been given, with what it was given before and has not answered. */
export function withHanded(
  state: ChatState,
  participant: string,
  messages: readonly Message[],
): ChatState {
  const upTo = state.conversation.length;
  const cursors = { ...state.cursors, [participant]: upTo };
  const handed = { ...state.handed, [participant]: deepFreeze({ messages, upTo }) };
  return { ...state, cursors, handed };
}

/** Notes that participants have been given everything so far. */
export function withRead(state: ChatState, participants: readonly string[]): ChatState {
  const end = state.conversation.length;
  const read = Object.fromEntries(participants.map((name) => [name, end]));
  const informed = participants.filter((name) => unreadBy(state, name).length > 0);
  return {
    ...state,
    cursors: { ...state.cursors, ...read },
    informed: [...new Set([...state.informed, ...informed])],
  };
}

/** A checkpoint of a group chat. */
export interface SavedChat {
  readonly chat: ChatState;
  /** What the termination condition remembers. */
  readonly until: unknown;
  /** What the pattern remembers. */
  readonly pattern: unknown;
}

/**
 * Reads a checkpoint of a group chat.
 *
 * @throws {ConfigurationError} `group-chat/invalid-checkpoint` when it is something else.
 */
export function parseSavedChat(saved: unknown): SavedChat {
  if (isRecord(saved) && isChatState(saved['chat']))
    return { chat: saved['chat'], until: saved['until'], pattern: saved['pattern'] };
  throw new ConfigurationError(`Expected the state of a group chat, got ${describeValue(saved)}.`, {
    code: 'group-chat/invalid-checkpoint',
  });
}

/** Claims that a value is the state of a chat. */
export function isChatState(value: unknown): value is ChatState {
  return (
    isRecord(value) &&
    Array.isArray(value['conversation']) &&
    value['conversation'].every((spoken) => isRecord(spoken) && isMessage(spoken['message'])) &&
    ['runStart', 'round', 'totalRounds'].every((key) => Number.isInteger(value[key])) &&
    isRecord(value['usage']) &&
    Array.isArray(value['toolCalls']) &&
    isRecord(value['cursors']) &&
    isRecord(value['confirmed']) &&
    Array.isArray(value['informed']) &&
    isRecord(value['handed'])
  );
}
