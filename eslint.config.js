import js from 'typescript-eslint';
import astro from 'eslint-plugin-astro';

export default js.config(
  { ignores: ['dist/', '.palestra/', '.astro/', 'node_modules/', '**/*.d.ts'] },
  ...js.configs.recommendedTypeChecked.map((c) => ({ ...c, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': [
        'error',
        {
          // pid 0 is the caller's own process group: a missing pid once ended a whole CI run with SIGKILL
          selector:
            "CallExpression[callee.object.name='process'][callee.property.name='kill'] > LogicalExpression",
          message:
            'A pid that is not there is an error, not 0: process.kill(0) signals our own process group.',
        },
      ],
    },
  },
  ...astro.configs.recommended,
);
