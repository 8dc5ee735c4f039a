import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const PRODUCT = ['lib/**/*.ts', 'nodes/**/*.ts', 'plugins/**/*.ts', 'sandbox/**/*.ts'];
const TESTS = ['test/**/*.ts', 'bench/**/*.ts', 'vitest.config.mts'];
const ENUM = { selector: 'TSEnumDeclaration', message: 'A union of strings says the same.' };

export default defineConfig(
  globalIgnores(['dist/', 'resources/', '.cache/', '.start/', 'coverage/', 'test-results/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,

  {
    files: [...PRODUCT, ...TESTS],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        // All of it at once: a program for each half reads what they share several times.
        project: ['tsconfig.lint.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // Asks for the `!` that `no-non-null-assertion` forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A sixth of the time of all rules, for enums; there are none, see the next.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      'no-restricted-syntax': ['error', ENUM],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: PRODUCT,
    rules: {
      'no-console': 'error',
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['nodes/**/*.ts', 'plugins/**/*.ts'],
    ignores: ['nodes/shared/node-api.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node-red',
              importNames: ['NodeAPI'],
              message: 'That of nodes/shared/node-api.ts knows which texts there are.',
            },
          ],
        },
      ],
    },
  },
  // The sandbox is also a program: its line on standard output is how it tells its address.
  { files: ['sandbox/main.ts'], rules: { 'no-console': 'off' } },
  {
    files: TESTS,
    rules: {
      // Bodies of answers and messages are `any`; a test that reads a wrong place fails anyway.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-restricted-syntax': [
        'error',
        ENUM,
        {
          selector:
            'CallExpression[callee.object.name="vi"][callee.property.name=/^wait(For|Until)$/][arguments.length=1]',
          message: 'It gives up after a second, which a busy machine may need for one look.',
        },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    // TypeScript checks the names of scripts, see scripts/tsconfig.json.
    rules: { 'no-undef': 'off', eqeqeq: 'error' },
  },
);
