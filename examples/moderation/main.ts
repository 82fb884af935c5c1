/** Executors with state: it survives from run to run, and a reset leaves nothing of it behind. */
import { defineExecutor, defineMessage, WorkflowBuilder } from '@colloquy/core';
import * as z from 'zod';

const ReportRequest = defineMessage('report.request');
const Stats = defineMessage(
  'stats',
  z.object({ seen: z.number(), flagged: z.number(), keywords: z.array(z.string()) }),
);

const KEYWORDS = ['spam', 'scam', 'phishing'];

const counter = defineExecutor('counter', {
  state: () => ({ seen: 0, flagged: 0, keywords: new Set<string>() }),
})
  .on(String, (text, ctx) => {
    ctx.state.seen += 1;
    const hits = KEYWORDS.filter((word) => text.toLowerCase().includes(word));
    if (hits.length > 0) ctx.state.flagged += 1;
    for (const hit of hits) ctx.state.keywords.add(hit);
  })
  .on(ReportRequest, (_, ctx) =>
    ctx.send(
      Stats({
        seen: ctx.state.seen,
        flagged: ctx.state.flagged,
        keywords: [...ctx.state.keywords].toSorted(),
      }),
    ),
  );

const reporter = defineExecutor('reporter', { state: () => ({ reports: 0 }) }).on(
  Stats,
  (stats, ctx) => {
    ctx.state.reports += 1;
    const keywords = stats.keywords.join('|') || 'none';
    ctx.yield(
      `messages=${stats.seen}, flagged=${stats.flagged}, keywords=${keywords}, reports=${ctx.state.reports}`,
    );
  },
);

const moderation = new WorkflowBuilder({
  name: 'moderation',
  start: counter,
  outputFrom: [reporter],
})
  .addEdge(counter, reporter)
  .build();

async function moderate(texts: readonly string[]): Promise<void> {
  for (const text of texts) await moderation.run(text);
  console.log((await moderation.run(ReportRequest())).outputs[0]);
}

const week = ['weekly status', 'team offsite', 'quarterly review'];
await moderate(['hello there', 'free phishing kit', 'lunch plans?']);
await moderate(week);
await moderation.resetForNewRun();
await moderate(week);
