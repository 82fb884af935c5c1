import { describe, expect, it } from 'vitest';
import {
  type FunctionApprovalResponseContent,
  type FunctionCallContent,
} from '../messages/content.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { approvalRequestFor, readApprovals } from './approvals.ts';

function call(callId: string): FunctionCallContent {
  return { type: 'function_call', callId, name: 'refund', arguments: { order: callId } };
}

/** A reply that calls, and asks about each call. */
function asking(...callIds: readonly string[]): Message {
  const calls = callIds.map(call);
  const contents = [{ type: 'text', text: 'May I?' } as const, ...calls];
  return { role: 'assistant', contents: [...contents, ...calls.map(approvalRequestFor)] };
}

function answering(
  ...answers: readonly [id: string, approved: boolean, reason?: string][]
): Message {
  const contents = answers.map(([id, approved, reason]): FunctionApprovalResponseContent => {
    const type = 'function_approval_response';
    return reason === undefined ? { type, id, approved } : { type, id, approved, reason };
  });
  return { role: 'user', contents };
}

function result(callId: string): Message {
  return { role: 'tool', contents: [{ type: 'function_result', callId, result: 'done' }] };
}

const NOTHING = { decided: [], open: [] };

describe('readApprovals', () => {
  it('finds nothing where nothing was asked', () => {
    expect(readApprovals([], [textMessage('user', 'hi')])).toEqual(NOTHING);
  });

  it('decides every question that is answered, in the order of asking', () => {
    const input = [answering(['c', false], ['b', false, 'too much'], ['a', true])];

    expect(readApprovals([asking('a', 'b', 'c')], input)).toEqual({
      decided: [
        { call: call('a'), isApproved: true },
        { call: call('b'), isApproved: false, error: 'The user declined this call: too much.' },
        { call: call('c'), isApproved: false, error: 'The user declined this call.' },
      ],
      open: [],
    });
  });

  it('keeps open what is not answered yet', () => {
    expect(readApprovals([asking('a', 'b')], [answering(['b', true])])).toEqual({
      decided: [{ call: call('b'), isApproved: true }],
      open: [approvalRequestFor(call('a'))],
    });
    expect(readApprovals([asking('a')], [])).toEqual({
      decided: [],
      open: [approvalRequestFor(call('a'))],
    });
  });

  it('closes what is not answered when something else is said', () => {
    const notCalled = expect.stringContaining('nobody answered');

    expect(readApprovals([asking('a')], [textMessage('user', 'Never mind')])).toEqual({
      decided: [{ call: call('a'), isApproved: false, error: notCalled }],
      open: [],
    });
    const both = [textMessage('user', 'The first is fine'), answering(['a', true])];
    expect(readApprovals([asking('a', 'b')], both)).toEqual({
      decided: [
        { call: call('a'), isApproved: true },
        { call: call('b'), isApproved: false, error: notCalled },
      ],
      open: [],
    });
  });

  it('reads a whole conversation without a session', () => {
    const earlier = [textMessage('user', 'go'), asking('a'), answering(['a', true]), result('a')];

    expect(readApprovals([], [...earlier, asking('b'), answering(['b', true])])).toEqual({
      decided: [{ call: call('b'), isApproved: true }],
      open: [],
    });
    expect(readApprovals([], [...earlier, textMessage('user', 'thanks')])).toEqual(NOTHING);
  });

  it('lets a caller who answers for the tool settle a question', () => {
    expect(readApprovals([asking('a')], [result('a')])).toEqual(NOTHING);
  });

  it.each([
    ['that nobody asked', [], [answering(['x', true])], /got "x"; nothing waits for approval/],
    ['of another question', [asking('a')], [answering(['x', true])], /got "x"; these wait: a\./],
    [
      'after its call has a result',
      [asking('a'), answering(['a', true]), result('a')],
      [answering(['a', false])],
      /one answer to approval "a", got another: its call of "refund" is settled/,
    ],
    [
      'twice at once',
      [asking('a')],
      [answering(['a', true], ['a', false])],
      /one answer to approval "a"/,
    ],
  ])('refuses an answer %s', (_, history, input, message) => {
    expect(() => readApprovals(history, input)).toThrow(
      expect.objectContaining({
        name: 'ApprovalError',
        code: 'agent/approval',
        message: expect.stringMatching(message),
      }),
    );
  });
});
