import { ConfigurationError } from '../errors/configuration-error.ts';
import { isMessageList, type Message } from '../messages/message.ts';
import { createId } from '../primitives/ids.ts';
import { describeValue, isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';

/** A session as plain JSON. */
export interface AgentSessionJson {
  readonly id: string;
  readonly history: readonly Message[];
  readonly state: JsonObject;
}

/**
 * One conversation's memory of one agent: what was said, and what the agent notes beside it.
 *
 * Owns `history` and `state`. An agent appends to `history` only when a run has ended well.
 */
export class AgentSession {
  /** Unique; survives `toJSON` and `fromJSON`. */
  readonly id: string;
  #history: Message[];
  /** Notes of the agent that owns the session; plain JSON. */
  readonly state: Map<string, JsonValue>;

  constructor(options: Partial<AgentSessionJson> = {}) {
    this.id = options.id ?? createId('session');
    this.#history = [...(options.history ?? [])];
    this.state = new Map(Object.entries(options.state ?? {}));
  }

  /** All messages so far, oldest first. */
  get history(): readonly Message[] {
    return this.#history;
  }

  /** Adds messages at the end. */
  append(messages: readonly Message[]): void {
    this.#history = [...this.#history, ...messages];
  }

  /** The session as plain JSON. */
  toJSON(): AgentSessionJson {
    return { id: this.id, history: this.#history, state: Object.fromEntries(this.state) };
  }

  /**
   * Restores a session from what `toJSON` gave.
   *
   * @throws {ConfigurationError} `session/invalid-json` when the value has another shape.
   */
  static fromJSON(json: unknown): AgentSession {
    if (!isSessionJson(json)) {
      throw new ConfigurationError(
        `Expected a session's JSON ({ id, history, state }), got ${describeValue(json)}. Pass what session.toJSON() gave.`,
        { code: 'session/invalid-json' },
      );
    }
    return new AgentSession(structuredClone(json));
  }
}

function isSessionJson(json: unknown): json is AgentSessionJson {
  return (
    isRecord(json) &&
    typeof json['id'] === 'string' &&
    isMessageList(json['history']) &&
    isRecord(json['state'])
  );
}
