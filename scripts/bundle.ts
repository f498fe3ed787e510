/** Makes dist/bundle/ of dist/: what bin/run.js loads. A few files start faster than the hundreds that oclif is. */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {build, type Plugin} from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = readdirSync(`${root}/dist/commands`).filter((name) => name.endsWith('.js'));

/** What CommonJS modules take for granted. */
const COMMONJS = `import {createRequire as createRequireOfBundle} from 'node:module';
const require = createRequireOfBundle(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`;

/** As TypeScript writes what a CommonJS module imports. */
const REQUIRE = /^const (\w+_\d+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm;

/** oclif requires all of itself, and much that is never used here: each is loaded when something of it is first used. */
const lazyRequires: Plugin = {
  name: 'lazy requires',
  setup(bundle) {
    bundle.onLoad({filter: /@oclif\/core\/lib\/.*\.js$/}, ({path}) => {
      const source = readFileSync(path, 'utf8');
      const names = [...source.matchAll(REQUIRE)].map(([, name]) => name);
      const lazy = source.replace(REQUIRE, 'let $1_; const $1 = () => ($1_ ??= $2);');
      const uses = new RegExp(`\\b(${names.join('|')})(?=[.)])`, 'g');
      return {contents: names.length === 0 ? source : lazy.replace(uses, '($1())'), loader: 'js'};
    });
  },
};

const {metafile} = await build({
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
  metafile: true,
  plugins: [lazyRequires],
  logLevel: 'warning',
});

/** The package that a file of node_modules belongs to. */
function packageOf(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string;
}

/** Where a package has no text of its own, that of scripts/licenses, which there must be. */
function licenseOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8')) as Manifest;
  const {name, version, license, author = `the authors of ${name}`} = manifest;
  const file = readdirSync(`${root}/${folder}`).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text =
    file === undefined
      ? `Copyright (c) ${author}\n\n${readFileSync(`${root}/scripts/licenses/${license}.txt`, 'utf8')}`
      : readFileSync(`${root}/${folder}/${file}`, 'utf8');
  return `${name} ${version}: ${license}\n\n${text.trim()}\n`;
}

const folders = new Set(Object.keys(metafile.inputs).flatMap((file) => packageOf(file) ?? []));
writeFileSync(
  `${root}/build/licenses-of-bundle.txt`,
  [...new Set([...folders].sort().map(licenseOf))].join(`\n${'-'.repeat(80)}\n\n`),
);
