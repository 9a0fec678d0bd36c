import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** Imports go one way: lib, ui, api → features → app; no feature imports another. */
const features = ['home', 'people', 'sources', 'reconciliation', 'applications', 'audit', 'settings']

function forbid(files, groups, message) {
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: groups, message }] }] },
  }
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.ts', 'scripts'] },
  ...tseslint.configs.strict,
  { plugins: { 'react-hooks': hooks }, rules: hooks.configs.recommended.rules },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-console': 'error',
      'max-lines': ['error', 500],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  forbid(['src/lib/**'], ['**/ui/**', '**/api/**', '**/features/**', '**/app/**', '@tanstack/*'], 'lib knows nobody'),
  forbid(['src/ui/**'], ['**/api/**', '**/features/**', '**/app/**', '@tanstack/*'], 'ui knows no route and no API'),
  forbid(['src/api/**'], ['**/ui/**', '**/features/**', '**/app/**'], 'api knows no screen'),
  ...features.map((name) =>
    forbid(
      [`src/features/${name}/**`],
      ['**/app/**', ...features.filter((other) => other !== name).flatMap((other) => [`**/${other}/*`, `**/features/${other}/**`])],
      'a feature imports neither app nor another feature',
    ),
  ),
  // A test may mount the whole console on the fake appliance.
  { files: ['**/*.test.ts', '**/*.test.tsx'], rules: { 'no-restricted-imports': 'off', 'max-lines-per-function': 'off' } },
)
