import { type ChatClient } from '@colloquy/core';
import { OpenAIChatClient } from '@colloquy/openai';

import { RuleBasedModel } from './rule-based-model.ts';

/** A model to run on, and what to tell the user about it. */
export interface ChosenModel {
  readonly client: ChatClient;
  readonly label: string;
}

const OLLAMA = 'http://127.0.0.1:11434';

/**
 * Chooses the best model there is: the OpenAI-compatible service that the environment names, else a local Ollama, else
 * the rule-based model in this process, which is no language model and says so.
 */
export async function chooseModel(): Promise<ChosenModel> {
  const {
    OPENAI_API_KEY: apiKey,
    OPENAI_BASE_URL: baseURL,
    OPENAI_MODEL: model = 'gpt-5-mini',
  } = process.env;
  if (apiKey || baseURL) {
    return {
      client: new OpenAIChatClient({ model }),
      label: `${model} at ${baseURL || 'api.openai.com'}`,
    };
  }
  const localModel = await firstOllamaModel();
  if (localModel !== undefined) {
    const client = new OpenAIChatClient({ model: localModel, baseURL: `${OLLAMA}/v1` });
    return { client, label: `${localModel} on the local Ollama` };
  }
  return {
    client: new RuleBasedModel(),
    label:
      'a rule-based stand-in, not a language model (set OPENAI_API_KEY, or start Ollama, for a real one)',
  };
}

/** The first model of a local Ollama, or `undefined` where none answers within half a second. */
async function firstOllamaModel(): Promise<string | undefined> {
  try {
    const response = await fetch(`${OLLAMA}/api/tags`, { signal: AbortSignal.timeout(500) });
    const body: { readonly models?: readonly { readonly name?: string }[] } = JSON.parse(
      await response.text(),
    );
    return body.models?.[0]?.name;
  } catch {
    return undefined;
  }
}
