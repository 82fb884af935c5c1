import { type ChatClient } from '../chat/chat-client.ts';
import { type ModelOptions } from '../chat/chat-options.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { type MessageInput } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { describeValue } from '../primitives/json.ts';
import { createId, type IdSource } from '../primitives/ids.ts';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type AgentLike, type AgentRunOptions, type AgentStream } from './agent-like.ts';
import { runAgent, type RunningAgent } from './agent-run.ts';
import { AgentSession } from './agent-session.ts';
import { startAgentStream } from './agent-stream.ts';

/** What an agent is made of. */
export interface AgentOptions {
  /** Names it in conversations and graphs. */
  readonly name: string;
  /** Default: made up. */
  readonly id?: string;
  /** Tells others, people and models, what the agent is for. */
  readonly description?: string;
  /** The system prompt. */
  readonly instructions?: string;
  readonly client: ChatClient;
  readonly tools?: readonly FunctionTool[];
  /** Settings of the model for every run. */
  readonly modelOptions?: ModelOptions;
  /** How often tools may be called in one run before the model must answer without them; default 10. */
  readonly maxToolRounds?: number;
  /** Makes the ids of the agent and its sessions; default: ids that no other process makes. */
  readonly ids?: IdSource;
}

/** Options of a run that answers with a validated value. */
export interface AgentOutputOptions<TValue> extends AgentRunOptions {
  readonly output: StandardSchema<unknown, TValue>;
}

const DEFAULT_MAX_TOOL_ROUNDS = 10;

/**
 * A model with a name, instructions and tools.
 *
 * An agent keeps nothing between runs; what a conversation remembers lies in the session that is passed in.
 */
export class Agent implements AgentLike {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Its own tools, in the order in which models are told of them. */
  readonly tools: readonly FunctionTool[];
  readonly #running: RunningAgent;
  readonly #ids: IdSource;

  /** @throws {ConfigurationError} `agent/invalid-definition`. */
  constructor(options: AgentOptions) {
    assertAgentOptions(options);
    const { name, client, instructions, tools = [], modelOptions = {} } = options;
    this.#ids = options.ids ?? createId;
    this.id = options.id ?? this.#ids('agent');
    this.name = name;
    this.description = options.description ?? '';
    this.tools = Object.freeze([...tools]);
    const maxToolRounds = options.maxToolRounds ?? DEFAULT_MAX_TOOL_ROUNDS;
    this.#running = { name, client, instructions, tools: this.tools, modelOptions, maxToolRounds };
  }

  /**
   * Answers an input; with a session, as the next turn of its conversation.
   *
   * Rejects with a `ChatClientError` when the model cannot be asked, `StructuredOutputError` when the answer does not
   * fit `output`, `ApprovalError`, `SessionBusyError`, or the signal's reason. The session then is as it was.
   */
  async run<TValue>(
    input: MessageInput,
    options: AgentOutputOptions<TValue>,
  ): Promise<AgentResponse<TValue>>;
  async run(input: MessageInput, options?: AgentRunOptions): Promise<AgentResponse>;
  async run(input: MessageInput, options: AgentRunOptions = {}): Promise<AgentResponse> {
    return runAgent(this.#running, input, options, () => {});
  }

  /** Answers an input piece by piece; starts at once. Leaving the loop early cancels the run. */
  stream<TValue>(input: MessageInput, options: AgentOutputOptions<TValue>): AgentStream<TValue>;
  stream(input: MessageInput, options?: AgentRunOptions): AgentStream;
  stream(input: MessageInput, options: AgentRunOptions = {}): AgentStream {
    return startAgentStream(
      (onUpdate, signal) => runAgent(this.#running, input, { ...options, signal }, onUpdate),
      options.signal,
    );
  }

  /** Begins a conversation. */
  createSession(): AgentSession {
    return new AgentSession({ id: this.#ids('session') });
  }
}

function assertAgentOptions({ name, client, tools = [], maxToolRounds }: AgentOptions): void {
  const names = tools.map((tool) => tool?.name);
  const repeated = names.find((toolName, index) => names.indexOf(toolName) !== index);
  const checks: readonly (readonly [boolean, string])[] = [
    [
      typeof name === 'string' && name !== '',
      `a name that is not empty, got ${describeValue(name)}`,
    ],
    [
      typeof client?.stream === 'function',
      `a chat client (with stream) for "${name}", got ${describeValue(client)}`,
    ],
    [
      tools.every((tool) => tool?.kind === 'function'),
      `every tool of "${name}" to be made by defineTool, got ${describeValue(tools)}`,
    ],
    [
      repeated === undefined,
      `every tool of "${name}" to have a name of its own, got "${repeated}" twice`,
    ],
    [
      maxToolRounds === undefined || (Number.isInteger(maxToolRounds) && maxToolRounds >= 0),
      `maxToolRounds of "${name}" to be a whole number, 0 or more, got ${describeValue(maxToolRounds)}`,
    ],
  ];
  const problems = checks.flatMap(([holds, expected]) => (holds ? [] : [expected]));
  if (problems.length === 0) return;
  throw new ConfigurationError(`Expected ${problems.join('; and ')}.`, {
    code: 'agent/invalid-definition',
  });
}
