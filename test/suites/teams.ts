/** A small team for each orchestration, whose models answer from the request alone. */
import { Agent } from '@colloquy/core';
import {
  concurrent,
  groupChat,
  handoff,
  magentic,
  roundRobin,
  sequential,
} from '@colloquy/orchestrations';
import {
  type CreateTeam,
  type RecordedRequest,
  type ScriptEntry,
  toolCall,
} from '@colloquy/testing';

const NAMES = ['ann', 'bob', 'cid'];
const ROUNDS = 3;

/** The team of each pattern, by its name. */
export const TEAMS: Readonly<Record<string, CreateTeam>> = {
  'group chat, by turns': ({ participants, options }) =>
    groupChat({
      ...options,
      name: 'turns',
      participants,
      selectSpeaker: roundRobin(),
      maxRounds: ROUNDS,
    }),
  'group chat, led by an agent': ({ participants, model, options }) => {
    const lead = new Agent({ name: 'lead', client: model('lead', decide) });
    return groupChat({ ...options, name: 'led', participants, orchestrator: lead, maxRounds: 10 });
  },
  Magentic: ({ participants, model, options }) => {
    const manager = new Agent({ name: 'manager', client: model('manager', manage) });
    return magentic({ ...options, name: 'magentic', participants, manager, maxRounds: 10 });
  },
  sequential: ({ participants, options }) =>
    sequential({ ...options, name: 'sequential', participants }),
  concurrent: ({ participants, options }) =>
    concurrent({ ...options, name: 'concurrent', participants }),
  handoff: ({ participants, model, options }) => {
    const triage = new Agent({ name: 'triage', client: model('triage', handOver) });
    return handoff({
      ...options,
      name: 'handoff',
      participants: [triage, ...participants],
      start: triage,
    });
  },
};

function saidIn({ messages }: RecordedRequest): number {
  return messages.filter(({ authorName = '' }) => NAMES.includes(authorName)).length;
}

/** Gives everybody one turn. */
function decide(request: RecordedRequest): ScriptEntry {
  const turns = saidIn(request);
  const isOver = turns >= ROUNDS;
  return {
    terminate: isOver,
    reason: `${turns} have spoken`,
    next_speaker: isOver ? null : (NAMES[turns] ?? ''),
    final_message: isOver ? 'That is all.' : null,
  };
}

/** Facts, a plan, a turn for everybody, and an answer. */
function manage(request: RecordedRequest): ScriptEntry {
  const turns = saidIn(request);
  if (request.output === undefined) return `A text of the manager after ${turns} turns.`;
  const item = (answer: string | boolean) => ({ reason: `${turns} have spoken`, answer });
  return {
    is_request_satisfied: item(turns >= ROUNDS),
    is_in_loop: item(false),
    is_progress_being_made: item(true),
    next_speaker: item(NAMES[turns % NAMES.length] ?? ''),
    instruction_or_question: item('Say what you know.'),
  };
}

/** The first in line knows nothing itself. */
function handOver(request: RecordedRequest): ScriptEntry {
  const hasHandedOver = request.messages.some(({ role }) => role === 'tool');
  return hasHandedOver ? 'I have handed over.' : toolCall('handoff_to_ann');
}
