import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import {createNodeResolver, importX} from 'eslint-plugin-import-x';
import {defineConfig} from 'eslint/config';
import typescript from 'typescript-eslint';

/** Parts of src/ that each part may import besides itself; parts not named here may import everything. */
const LAYERS = {
  model: [],
  filter: ['kernel', 'model'],
  kernel: ['model'],
  procfs: ['kernel', 'model'],
  enrich: ['filter', 'procfs', 'kernel', 'model'],
  sources: ['filter', 'procfs', 'kernel', 'model'],
  compare: ['filter', 'model'],
  terminal: ['model'],
  aggregate: ['model'],
  format: ['aggregate', 'terminal', 'compare', 'model'],
  page: ['format', 'model'],
  output: ['model'],
  'trace-options.ts': ['enrich', 'sources', 'filter', 'kernel', 'model'],
  'trace.ts': ['trace-options.ts', 'enrich', 'sources', 'filter', 'procfs', 'kernel', 'model'],
  'index.ts': ['trace.ts', 'trace-options.ts', 'enrich', 'sources', 'filter', 'procfs', 'kernel', 'model'],
};

const layerZones = Object.entries(LAYERS).map(([layer, below]) => ({
  target: `./src/${layer}`,
  from: './src',
  except: [layer, ...below].map((name) => `./${name}`),
  message: `src/${layer} may import ${below.join(', ') || 'no other part of src'}`,
}));

const oclifZone = {
  target: [...Object.keys(LAYERS).map((layer) => `./src/${layer}`), './src/cli/!(run|flags)/**'],
  from: './node_modules/@oclif',
  message: 'only src/commands, src/cli/run and src/cli/flags may import oclif',
};

export default defineConfig(
  {ignores: ['build/', 'dist/']},
  {linterOptions: {reportUnusedDisableDirectives: 'error'}},
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {globals: {URL: 'readonly', console: 'readonly', process: 'readonly'}},
  },
  {files: ['**/*.cjs'], languageOptions: {sourceType: 'commonjs'}},
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    plugins: {'import-x': importX},
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'src/page/tsconfig.json', 'test/tsconfig.json', 'scripts/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: {
      'import-x/extensions': ['.ts', '.js'],
      'import-x/parsers': {'@typescript-eslint/parser': ['.ts']},
      'import-x/resolver-next': [createNodeResolver({extensionAlias: {'.js': ['.ts', '.js']}})],
    },
    rules: {
      // it conflicts with no-non-null-assertion
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', {zones: [...layerZones, oclifZone]}],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/kernel/addon.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {name: 'node:module', message: 'only src/kernel/addon.ts loads the addon'},
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {'max-lines-per-function': ['error', {max: 40, skipBlankLines: true, skipComments: true}]},
  },
  {
    files: ['test/**/*.ts', 'src/terminal/*.ts'],
    // they match escape sequences
    rules: {'no-control-regex': 'off'},
  },
  prettier,
);
