import {
  Agent,
  type ChatClient,
  ChatClientError,
  type ChatOptions,
  type ChatResponseUpdate,
  type Message,
  type Workflow,
  type WorkflowOptions,
} from '@colloquy/core';

import { lastTextOf, type RecordedRequest, recordRequest } from './recorded-request.ts';
import { type ScriptEntry } from './script-entry.ts';
import { scripted } from './scripted.ts';

/** What a team is made of, for a suite to look at. */
export interface SuiteTeamParts {
  /** Three agents: `ann`, `bob` and `cid`. They answer with text. */
  readonly participants: readonly [Agent, Agent, Agent];
  /**
   * Makes the model of anybody else, such as of who leads the team.
   *
   * Its answers are made of the request and nothing else.
   */
  readonly model: (name: string, answer: (request: RecordedRequest) => ScriptEntry) => ChatClient;
  /** To be passed on to the orchestration. */
  readonly options: WorkflowOptions;
}

/** Builds a team; its task is a text. */
export type CreateTeam = (parts: SuiteTeamParts) => Workflow<string>;

/** A request to one of a team's models. */
export interface TeamRequest {
  readonly name: string;
  readonly request: Omit<RecordedRequest, 'sessionId'>;
}

/** A team, what its models were asked, and what is to go wrong. */
export class SuiteTeam {
  readonly requests: TeamRequest[] = [];
  readonly workflow: Workflow<string>;
  /** Resolves when the request has come that is not answered. */
  readonly silence: Promise<void>;
  /** Which request fails, from 1 on. */
  failAt = 0;
  /** Which request is not answered, from 1 on. */
  silentAt = 0;
  #count = 0;
  #reachSilence: () => void = () => {};

  constructor(create: CreateTeam, options: WorkflowOptions) {
    this.silence = new Promise((resolve) => {
      this.#reachSilence = resolve;
    });
    const model: SuiteTeamParts['model'] = (name, answer) => this.#model(name, answer);
    const agent = (name: string): Agent => {
      const client = model(name, (request) => answerOf(name, request));
      return new Agent({ name, client, instructions: `You are ${name}.` });
    };
    const participants = [agent('ann'), agent('bob'), agent('cid')] as const;
    this.workflow = create({ participants, model, options });
  }

  #model(name: string, answer: (request: RecordedRequest) => ScriptEntry): ChatClient {
    const ask = (messages: readonly Message[], options: ChatOptions) =>
      this.#answer({ name, messages, options, answer });
    return {
      async *stream(messages, options = {}): AsyncGenerator<ChatResponseUpdate, void> {
        yield* await ask(messages, options);
      },
    };
  }

  async #answer({
    name,
    messages,
    options,
    answer,
  }: {
    readonly name: string;
    readonly messages: readonly Message[];
    readonly options: ChatOptions;
    readonly answer: (request: RecordedRequest) => ScriptEntry;
  }): Promise<AsyncIterable<ChatResponseUpdate>> {
    const { sessionId: _sessionId, ...request } = recordRequest(messages, options);
    this.requests.push({ name, request });
    this.#count += 1;
    if (this.#count === this.failAt) throw failure();
    if (this.#count === this.silentAt) {
      this.#reachSilence();
      await new Promise(() => {});
    }
    return scripted([answer]).stream(messages, options);
  }
}

/** Something that nobody else says, nor for another request. */
function answerOf(name: string, request: RecordedRequest): string {
  const { messages } = request;
  return `${name} has read ${messages.length}, the last of ${lastTextOf(request).length} letters`;
}

function failure(): ChatClientError {
  return new ChatClientError('The service failed, as the suite wants it.', {
    code: 'chat-client/server',
    retryable: true,
    status: 503,
  });
}
