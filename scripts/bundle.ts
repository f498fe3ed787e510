/** Makes dist/bundle/ of dist/: what bin/run.js loads. A few files start faster than the hundreds that oclif is. */
import {readdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = readdirSync(`${root}/dist/commands`).filter((name) => name.endsWith('.js'));

/** What CommonJS modules take for granted. */
const COMMONJS = `import {createRequire as createRequireOfBundle} from 'node:module';
const require = createRequireOfBundle(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`;

await build({
  absWorkingDir: root,
  entryPoints: ['dist/cli/main.js', ...commands.map((name) => `dist/commands/${name}`)],
  outbase: 'dist',
  outdir: 'dist/bundle',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // oclif looks for it in development
  external: ['typescript'],
  banner: {js: COMMONJS},
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
});
