/**
 * Bundles the program and the library into dist/bundle/, with the packages that they import: the npm package then installs
 * nothing else, and a few files load faster than oclif's hundreds.
 */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {build, type Metafile, type Plugin} from 'esbuild';
import {bundlePage} from './bundle-page.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = readdirSync(`${root}/dist/commands`).filter((name) => name.endsWith('.js'));

/** Defines the variables that CommonJS modules expect. */
const COMMONJS = `import {createRequire as createRequireOfBundle} from 'node:module';
const require = createRequireOfBundle(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`;

/** A patch of a dependency's source. */
interface LazyConstants {
  readonly files: RegExp;
  /** Matches a constant to make lazy, with its name and value as groups; flags g and m. */
  readonly pattern: RegExp;
  /** Matches the beginning of every constant that the pattern has to match; flags g and m. */
  readonly candidates: RegExp;
}

/** Counts what matches in a source, apart from comments. */
function countUses(source: string, use: string): number {
  const code = source.replace(/^\s*(?:\/\/|\*).*$/gm, '');
  return code.split(new RegExp(`\\b${use}`)).length - 1;
}

/**
 * Makes the constants of a source lazy: computed at first use, not when their module is loaded.
 *
 * @throws Error if a candidate does not match the pattern, or a use cannot be replaced
 */
function makeLazy(source: string, path: string, {pattern, candidates}: LazyConstants): string {
  const names = [...source.matchAll(pattern)].map(([, name = '']) => name);
  const found = [...source.matchAll(candidates)].length;
  if (found !== names.length)
    throw new Error(
      `${path}: ${String(names.length)} of ${String(found)} constants match ${String(pattern)}`,
    );
  if (names.length === 0) return source;
  const lazy = source.replace(pattern, 'let $1_; const $1 = () => ($1_ ??= $2);');
  const result = lazy.replace(new RegExp(`\\b(${names.join('|')})(?=[.)])`, 'g'), '($1())');
  for (const name of names) {
    // all uses of the source, apart from the definition
    if (countUses(result, `${name}\\(\\)`) !== countUses(source, `${name}\\b`) - 1)
      throw new Error(`${path}: cannot replace every use of ${name}`);
  }
  return result;
}

/** Fails the build if the patch does not apply: a new version of the dependency needs a new pattern. */
function lazyConstants(patch: LazyConstants): Plugin {
  return {
    name: `lazy constants of ${patch.files.source}`,
    setup(bundle) {
      let patched = 0;
      bundle.onLoad({filter: patch.files}, ({path}) => {
        const source = readFileSync(path, 'utf8');
        const contents = makeLazy(source, path, patch);
        if (contents !== source) patched += 1;
        return {contents, loader: 'js'};
      });
      bundle.onEnd(() => {
        if (patched === 0) throw new Error(`no file ${String(patch.files)} has a constant to make lazy`);
      });
    },
  };
}

/** oclif's requires, as TypeScript compiles them; most of the modules are never used. */
const OCLIF = lazyConstants({
  files: /@oclif\/core\/lib\/.*\.js$/,
  pattern: /^const (\w+_\d+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm,
  candidates: /^const \w+_\d+ = .*\brequire\(/gm,
});

/** Needed only for non-ASCII text: ICU data and the emoji expression, 20 ms each. */
const STRING_WIDTH = lazyConstants({
  files: /string-width\/index\.js$/,
  pattern: /^const (segmenter|rgiEmojiRegex) = (new Intl\.Segmenter\(\)|\/.*\/v);$/gm,
  candidates: /^(?:const|let|var) .*(?:\bnew Intl\.|Emoji)/gm,
});

const {metafile} = await build({
  absWorkingDir: root,
  entryPoints: ['dist/index.js', 'dist/cli/run/main.js', ...commands.map((name) => `dist/commands/${name}`)],
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
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  plugins: [OCLIF, STRING_WIDTH],
  logLevel: 'warning',
});

const inputs: Metafile['inputs'] = {...metafile.inputs, ...(await bundlePage(root)).inputs};

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

/** Reads the license text of a package from scripts/licenses. @throws Error if it is missing */
function readLicense({name, license, author = `the authors of ${name}`}: Manifest): string {
  const folder = `${root}/scripts/licenses`;
  const own = `${name.replace('/', '+')}.txt`;
  if (readdirSync(folder).includes(own)) return readFileSync(`${folder}/${own}`, 'utf8');
  return `Copyright (c) ${author}\n\n${readFileSync(`${folder}/${license}.txt`, 'utf8')}`;
}

/** Returns the license text of a package. @throws Error if neither the package nor scripts/licenses has it */
function licenseOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8')) as Manifest;
  const {name, version, license} = manifest;
  const file = readdirSync(`${root}/${folder}`).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? readLicense(manifest) : readFileSync(`${root}/${folder}/${file}`, 'utf8');
  return `${name} ${version}: ${license}\n\n${text.trim()}\n`;
}

/** Returns the names of the packages that files of this project import. */
function importedPackages(): readonly string[] {
  const own = Object.entries(inputs).filter(([file]) => /^(?:dist|src)\//.test(file));
  const imported = own.flatMap(([, {imports}]) => imports.flatMap(({path}) => packageOf(path) ?? []));
  return [...new Set(imported)].map((folder) => folder.replace(/^.*node_modules\//, '')).sort();
}

const {bundled} = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {bundled: readonly string[]};
const imported = importedPackages();
if (imported.join() !== bundled.join())
  throw new Error(`package.json: "bundled" must be ${JSON.stringify(imported)}`);

const folders = new Set(Object.keys(inputs).flatMap((file) => packageOf(file) ?? []));
writeFileSync(
  `${root}/build/licenses-of-bundle.txt`,
  [...new Set([...folders].sort().map(licenseOf))].join(`\n${'-'.repeat(80)}\n\n`),
);
