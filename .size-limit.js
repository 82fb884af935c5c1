/** What each entry may weigh, bundled with all it needs, minified and gzipped. */
const entry = (name, path, limit) => ({
  name,
  path,
  limit,
  gzip: true,
  modifyEsbuildConfig: (config) => ({
    ...config,
    platform: 'node',
    format: 'esm',
    conditions: ['@colloquy/source'],
  }),
});

// oxlint-disable-next-line import/no-default-export -- size-limit reads the default export
export default [
  entry('hello world: workflow', 'bench/hello/workflow.ts', '33 kB'),
  entry('hello world: group chat', 'bench/hello/group-chat.ts', '71.5 kB'),
  entry('@colloquy/core', 'packages/core/src/index.ts', '44 kB'),
  entry('@colloquy/core/node', 'packages/core/src/node/index.ts', '4.5 kB'),
  entry('@colloquy/hosting', 'packages/hosting/src/index.ts', '92 kB'),
  entry('@colloquy/orchestrations', 'packages/orchestrations/src/index.ts', '79 kB'),
  entry('@colloquy/openai', 'packages/openai/src/index.ts', '106 kB'),
  entry('@colloquy/stores/sqlite', 'packages/stores/src/sqlite/index.ts', '4.5 kB'),
];
