/*
 * Lint rules: those of typescript-eslint that need types, and the house rules that a linter can see.
 * Comments that switch a rule off have no effect here; a rule that is wrong is changed in this file.
 */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Start is synchronous: require() of an ES module with a top-level await throws.
const topLevelAwait = {
  selector:
    'AwaitExpression:not(:function AwaitExpression), ForOfStatement[await=true]:not(:function ForOfStatement)',
  message: 'The package has no top-level await: require() could not load it.',
};

export default defineConfig(
  {
    ignores: [
      '**/node_modules/',
      '**/.cache/',
      'build/',
      'dist/',
      'coverage/',
      'bench/results/',
      '**/*.d.ts',
    ],
  },
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Compiled file by file (vitest), a type exported without `type` becomes a value.
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        { selector: 'enumMember', format: ['PascalCase'] },
        { selector: 'function', format: ['camelCase'] },
        { selector: 'variable', format: ['camelCase', 'PascalCase'], leadingUnderscore: 'forbid' },
        // The table of namespaces is part of the public face.
        { selector: 'variable', filter: '^NS$', format: null },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // A static member with `this: void` may be handed to `map`.
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // Numbers read from the core's memory are compared with the enums of the ABI.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
    },
  },
  {
    // Components are functions with the names of elements.
    files: ['**/*.tsx'],
    rules: { '@typescript-eslint/naming-convention': 'off' },
  },
  {
    files: ['bindings/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', topLevelAwait] },
  },
  {
    files: ['bindings/**/*.ts'],
    ignores: ['bindings/{node,bun,deno,cli}/**'],
    rules: {
      // Bindings outside the runtime folders run anywhere; what a runtime has is looked for on globalThis.
      'no-restricted-globals': [
        'error',
        'Buffer',
        'process',
        'require',
        'window',
        'document',
        'event',
        'name',
        'status',
      ],
    },
  },
  {
    // AssemblyScript: numbers have several types that TypeScript sees as one, so a cast that looks idle is not.
    files: ['assembly/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': 'off',
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/no-inferrable-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Exports of the wasm module are noun_verb.
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        { selector: 'enumMember', format: ['PascalCase'] },
        { selector: 'function', format: ['camelCase', 'snake_case'] },
        { selector: 'variable', format: ['camelCase', 'PascalCase'] },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.recommended],
  },
);
