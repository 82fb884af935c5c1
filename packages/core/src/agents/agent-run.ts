import { type ChatClient } from '../chat/chat-client.ts';
import { type ChatOptions, type ModelOptions } from '../chat/chat-options.ts';
import { runFunctionLoop } from '../chat/function-loop.ts';
import { outputSpecOf, parseStructuredOutput } from '../chat/structured-output.ts';
import { deepFreeze } from '../primitives/deep-freeze.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { type Content } from '../messages/content.ts';
import { type Message, type MessageInput, textOf, toMessages } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type AgentResponseUpdate, type ChatResponseUpdate } from '../messages/response-update.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type AgentRunOptions } from './agent-like.ts';
import { type AgentSession } from './agent-session.ts';
import { holdSession } from './hold-session.ts';

/** What a run needs of its agent. */
export interface RunningAgent {
  readonly name: string;
  readonly instructions: string | undefined;
  readonly client: ChatClient;
  readonly tools: readonly FunctionTool[];
  readonly modelOptions: ModelOptions;
  readonly maxToolRounds: number;
}

const NEVER_ABORTED = new AbortController().signal;

/**
 * Runs an agent once and adds what was said to the session, if it ends well.
 *
 * Rejects with `SessionBusyError` or an error about the input before the model is asked; a run that fails or is
 * aborted leaves the session as it was.
 */
export async function runAgent(
  definition: RunningAgent,
  input: MessageInput,
  options: AgentRunOptions,
  onUpdate: (update: AgentResponseUpdate) => void,
): Promise<AgentResponse> {
  const agent = withToolsOf(definition, options);
  const { session } = options;
  const messages = toMessages(input);
  assertSomethingSaid(agent, messages, session);
  if (session === undefined) return answer(agent, messages, options, onUpdate);
  return holdSession(agent.name, session, async () => {
    const response = await answer(agent, messages, options, onUpdate);
    session.append([...messages, ...response.messages]);
    return response;
  });
}

/** @throws {ConfigurationError} `agent/invalid-definition` when a lent tool has the name of another. */
function withToolsOf(agent: RunningAgent, { tools: lent }: AgentRunOptions): RunningAgent {
  if (lent === undefined || lent.length === 0) return agent;
  const tools = [...agent.tools, ...lent];
  const names = tools.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return { ...agent, tools };
  throw new ConfigurationError(
    `Expected every tool that "${agent.name}" has in a run to have a name of its own, got "${repeated}" twice. Rename the agent's tool, or the one in the run's options.`,
    { code: 'agent/invalid-definition' },
  );
}

async function answer(
  agent: RunningAgent,
  input: readonly Message[],
  options: AgentRunOptions,
  onUpdate: (update: AgentResponseUpdate) => void,
): Promise<AgentResponse> {
  const { session, output, signal = NEVER_ABORTED, runContext } = options;
  const result = await runFunctionLoop({
    client: agent.client,
    tools: agent.tools,
    history: session?.history ?? [],
    input,
    options: chatOptionsOf(agent, options),
    maxToolRounds: agent.maxToolRounds,
    context: { signal, agentName: agent.name, sessionId: session?.id, runContext },
    onUpdate: (update) => onUpdate(toAgentUpdate(agent.name, update)),
  });
  // Frozen, because the session, the response and whoever is told share them.
  const messages = deepFreeze(
    result.messages.map((message) =>
      message.role === 'assistant' ? { ...message, authorName: agent.name } : message,
    ),
  );
  const text = messages.map(textOf).findLast((each) => each !== '') ?? '';
  const isWaiting = result.requests.length > 0;
  return {
    agentName: agent.name,
    messages,
    text,
    usage: result.usage,
    value:
      output === undefined || isWaiting
        ? undefined
        : await parseStructuredOutput(output, text, result.finishReason),
    approvalRequests: result.requests,
    ...(result.finishReason === undefined ? {} : { finishReason: result.finishReason }),
  };
}

function chatOptionsOf(agent: RunningAgent, options: AgentRunOptions): ChatOptions {
  const { session, output, signal, runPath } = options;
  return {
    ...mergeModelOptions(agent.modelOptions, options.modelOptions ?? {}),
    agentName: agent.name,
    ...(agent.instructions === undefined ? {} : { instructions: agent.instructions }),
    ...(agent.tools.length === 0 ? {} : { tools: agent.tools }),
    ...(output === undefined ? {} : { output: outputSpecOf(output) }),
    ...(session === undefined ? {} : { sessionId: session.id }),
    ...(runPath === undefined ? {} : { runPath }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The run's settings over the agent's own; fields of `extra` are merged one by one. */
function mergeModelOptions(own: ModelOptions, ofRun: ModelOptions): ModelOptions {
  const merged = { ...own, ...ofRun };
  if (own.extra === undefined || ofRun.extra === undefined) return merged;
  return { ...merged, extra: { ...own.extra, ...ofRun.extra } };
}

function toAgentUpdate(agentName: string, update: ChatResponseUpdate): AgentResponseUpdate {
  return { ...update, agentName, text: textOf(update) };
}

function assertSomethingSaid(
  { name }: RunningAgent,
  input: readonly Message[],
  session: AgentSession | undefined,
): void {
  const history = session?.history ?? [];
  if (history.length > 0 || input.some(({ contents }) => contents.some(isSomething))) return;
  throw new ConfigurationError(
    `Expected agent "${name}" to be given something to read, got nothing, and its session is empty. Pass a text.`,
    { code: 'agent/empty-input' },
  );
}

function isSomething(content: Content): boolean {
  return content.type !== 'text' || content.text !== '';
}
