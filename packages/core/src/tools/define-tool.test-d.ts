import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { defineTool } from './define-tool.ts';
import { type ToolContext } from './tool-context.ts';
import { type FunctionTool } from './tool.ts';

describe('defineTool', () => {
  it('types the arguments after its schema has parsed them', () => {
    const tool = defineTool({
      name: 'wait',
      description: 'Waits',
      input: z.object({ days: z.number().default(1), unit: z.literal('day').optional() }),
      needsApproval: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ days: number; unit?: 'day' | undefined }>();
        return args.days > 3;
      },
      execute: (args, context) => {
        expectTypeOf(args).toEqualTypeOf<{ days: number; unit?: 'day' | undefined }>();
        expectTypeOf(context).toEqualTypeOf<ToolContext>();
        return args.days;
      },
    });

    expectTypeOf(tool).toEqualTypeOf<FunctionTool>();
  });
});
