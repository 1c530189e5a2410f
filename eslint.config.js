import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/**
 * What each folder must not import, from the table in README.md («Folders»). The same table is checked by
 * test/repo/import-rules.test.ts on the resolved import graph, so a rule forgotten here still fails there.
 */
const forbiddenImports = {
  codec: ['rooms', 'control', 'server', 'speaker', 'fastify', 'ws', 'pino', 'node:http', 'node:net', 'node:child_process', 'node:worker_threads'],
  rooms: ['control', 'server', 'speaker', 'fastify', 'ws', 'pino', 'redis', 'mediasoup', 'node:http', 'node:net', 'node:fs', 'node:child_process'],
  control: ['codec', 'rooms', 'server', 'speaker', 'ws', 'redis', 'mediasoup', 'node:sqlite', 'node:child_process'],
  speaker: ['rooms', 'control', 'server'],
}

const folderRules = Object.entries(forbiddenImports).map(([folder, names]) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [
        { group: names.flatMap((name) => [name, `${name}/*`, `**/${name}/**`]), message: `${folder}/ may not know this; see README.md, «Folders».` },
      ],
    }],
  },
}))

/** The console knows the API by its client, and nothing behind it. */
const consoleRules = {
  files: ['console/**/*.ts', 'console/**/*.tsx'],
  plugins: { 'react-hooks': reactHooks },
  rules: {
    ...reactHooks.configs.recommended.rules,
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [{ regex: '(^|/)(codec|rooms|server|speaker)/|(^|/)control/(?!client/)', message: 'console/ knows the API only; see README.md, «Folders».' }],
    }],
    'no-restricted-properties': ['error', { object: 'crypto', property: 'randomUUID', message: 'Pages over plain HTTP have none; the client gives each POST a key.' }],
    // A handler of React may be asynchronous where its errors are caught within.
    '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
  },
}

/** `rooms/` and `codec/` take their clock as a parameter, so that tests can move time. */
const noAmbientTime = {
  files: ['codec/**/*.ts', 'rooms/**/*.ts'],
  rules: {
    'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'performance'],
    'no-restricted-properties': ['error',
      { object: 'Date', property: 'now', message: 'Take a Clock.' },
      { object: 'process', property: 'env', message: 'Only server/config.ts reads the environment.' },
      { object: 'process', property: 'hrtime', message: 'Take a Clock.' },
    ],
  },
}

export default tseslint.config(
  { ignores: ['node_modules/**', 'build/**', 'control/client/types.ts', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-console': 'error',
    },
  },
  { files: ['scripts/**', 'bench/**', 'test/**', 'server/cli/**', 'server/demo/**'], rules: { 'no-console': 'off' } },
  {
    // tap's subtests return promises that the parent awaits by itself.
    files: ['test/**'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/require-await': 'off' },
  },
  {
    files: ['test/**'],
    ignores: ['test/support/seed.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [{ name: 'fast-check', message: 'Take fc from test/support/seed.ts: its draws are the same in every run.' }] }] },
  },
  ...folderRules,
  consoleRules,
  noAmbientTime,
)
