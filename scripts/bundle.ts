/** Bundles dist/ into dist/bundle/, which bin/run.js loads: a few files load faster than oclif's hundreds. */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {build, type Plugin} from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = readdirSync(`${root}/dist/commands`).filter((name) => name.endsWith('.js'));

/** Defines the variables that CommonJS modules expect. */
const COMMONJS = `import {createRequire as createRequireOfBundle} from 'node:module';
const require = createRequireOfBundle(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`;

/**
 * Makes top-level constants lazy: computed at first use, not when their module is loaded.
 *
 * @param pattern matches a constant, with its name and value as groups; flags g and m
 */
function lazyConstants(files: RegExp, pattern: RegExp): Plugin {
  return {
    name: `lazy constants of ${files.source}`,
    setup(bundle) {
      bundle.onLoad({filter: files}, ({path}) => {
        const source = readFileSync(path, 'utf8');
        const names = [...source.matchAll(pattern)].map(([, name]) => name);
        const lazy = source.replace(pattern, 'let $1_; const $1 = () => ($1_ ??= $2);');
        const uses = new RegExp(`\\b(${names.join('|')})(?=[.)])`, 'g');
        return {contents: names.length === 0 ? source : lazy.replace(uses, '($1())'), loader: 'js'};
      });
    },
  };
}

/** oclif's requires, as TypeScript compiles them; most of the modules are never used. */
const OCLIF = lazyConstants(
  /@oclif\/core\/lib\/.*\.js$/,
  /^const (\w+_\d+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm,
);

/** Needed only for non-ASCII text: ICU data and the emoji expression, 20 ms each. */
const STRING_WIDTH = lazyConstants(
  /string-width\/index\.js$/,
  /^const (segmenter|rgiEmojiRegex) = (new Intl\.Segmenter\(\)|\/.*\/v);$/gm,
);

const {metafile} = await build({
  absWorkingDir: root,
  entryPoints: ['dist/cli/run/main.js', ...commands.map((name) => `dist/commands/${name}`)],
  outbase: 'dist',
  outdir: 'dist/bundle',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // oclif loads it only in development
  external: ['typescript'],
  banner: {js: COMMONJS},
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  plugins: [OCLIF, STRING_WIDTH],
  logLevel: 'warning',
});

/** Returns the folder of the package that contains a file. */
function packageOf(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string;
}

/** Returns a package's license text; without one, uses scripts/licenses and throws if that is missing. */
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
