/** Each message goes to the first branch whose condition holds, else to the default. */
import { defineExecutor, WorkflowBuilder } from '@colloquy/core';

const intake = defineExecutor('intake', (mail: string) => mail.trim());
const box = (id: string) => defineExecutor(id, (mail: string, ctx) => ctx.yield(`${id}: ${mail}`));
const [spam, urgent, inbox] = [box('spam'), box('urgent'), box('inbox')] as const;

const workflow = new WorkflowBuilder({ name: 'mail', start: intake })
  .addSwitch(intake, [
    { when: (mail) => /lottery|winner/i.test(mail), to: spam },
    { when: (mail) => mail.endsWith('!'), to: urgent },
    { to: inbox },
  ])
  .build();

for (const mail of ['You are a winner!', 'The server is down!', 'Lunch at noon?']) {
  console.log((await workflow.run(mail)).outputs[0]);
}
