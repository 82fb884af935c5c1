import { describe, expect, it } from 'vitest';
import { textMessage } from '../messages/message.ts';
import { AgentSession } from './agent-session.ts';

describe('AgentSession', () => {
  it('survives a trip through JSON', () => {
    const session = new AgentSession();
    session.append([textMessage('user', 'hi'), textMessage('assistant', 'hello', 'ada')]);
    session.state.set('mood', { good: true });

    const restored = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));

    expect(restored.toJSON()).toEqual(session.toJSON());
  });

  it('has an id of its own', () => {
    expect(new AgentSession().id).not.toBe(new AgentSession().id);
  });

  it('shares nothing with the session it was restored from', () => {
    const session = new AgentSession({ state: { list: [1] } });
    const restored = AgentSession.fromJSON(session.toJSON());

    restored.append([textMessage('user', 'hi')]);
    restored.state.delete('list');

    expect(session.toJSON()).toMatchObject({ history: [], state: { list: [1] } });
  });

  it.each([null, {}, { id: 1, history: [], state: {} }, { id: 'a', history: ['x'], state: {} }])(
    'is not restored from %j',
    (json) => {
      expect(() => AgentSession.fromJSON(json)).toThrow(
        expect.objectContaining({ code: 'session/invalid-json' }),
      );
    },
  );
});
