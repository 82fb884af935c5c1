/** Leaves out what is loaded with `import()` once it is needed; `pnpm check:performance` runs what is left. */
const leaveOutLazy = {
  name: 'leave out what is loaded when needed',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

/** What each entry may weigh, bundled with all it needs, minified and gzipped. */
const entry = (name, path, limit, plugins = []) => ({
  name,
  path,
  limit,
  gzip: true,
  modifyEsbuildConfig: (config) => ({
    ...config,
    platform: 'node',
    format: 'esm',
    conditions: ['@colloquy/source'],
    plugins: [...(config.plugins ?? []), ...plugins],
  }),
});

// oxlint-disable-next-line import/no-default-export -- size-limit reads the default export
export default [
  entry('hello world: workflow', 'bench/hello/workflow.ts', '20.5 kB', [leaveOutLazy]),
  entry('hello world: group chat', 'bench/hello/group-chat.ts', '36.8 kB', [leaveOutLazy]),
  entry('@colloquy/core', 'packages/core/src/index.ts', '49.6 kB'),
  entry('@colloquy/core/node', 'packages/core/src/node/index.ts', '4.5 kB'),
  entry('@colloquy/hosting', 'packages/hosting/src/index.ts', '98 kB'),
  entry('@colloquy/orchestrations', 'packages/orchestrations/src/index.ts', '96.3 kB'),
  entry('@colloquy/openai', 'packages/openai/src/index.ts', '106 kB'),
  entry('@colloquy/stores/sqlite', 'packages/stores/src/sqlite/index.ts', '4.5 kB'),
];
