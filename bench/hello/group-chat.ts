import { Agent, type ChatClient } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';

const client: ChatClient = {
  async *stream() {
    yield { contents: [{ type: 'text', text: 'Hello.' }] };
  },
};
const participants = ['ann', 'bob'].map((name) => new Agent({ name, client }));
const chat = groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: 4 });
console.log((await chat.run('Say hello')).outputs.map(({ text }) => text));
