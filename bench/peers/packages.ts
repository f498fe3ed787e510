/** Unpacks Debian packages into a root directory in the cache, without installing them. */
import {execFileSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';

const CACHE = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'tcptrace/peers');

function run(file: string, args: readonly string[], cwd = '/'): string {
  return execFileSync(file, args, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
}

/** Downloads packages with this machine's apt sources. @returns a directory named `root` */
export function unpackPackages(packages: readonly string[]): string {
  const expected = [...packages].sort().join(' ');
  const [root, list] = [path.join(CACHE, 'root'), path.join(CACHE, 'packages')];
  if (existsSync(list) && readFileSync(list, 'utf8') === expected) return root;
  mkdirSync(CACHE, {recursive: true});
  const folder = mkdtempSync(path.join(CACHE, 'new-'));
  run('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...packages], folder);
  for (const file of readdirSync(folder))
    run('dpkg-deb', ['-x', path.join(folder, file), path.join(folder, 'root')]);
  rmSync(list, {force: true});
  rmSync(root, {recursive: true, force: true});
  renameSync(path.join(folder, 'root'), root);
  rmSync(folder, {recursive: true});
  writeFileSync(list, expected);
  return root;
}

/** Sums the packages' installed sizes (deb-control(5), Installed-Size). */
export function installedBytes(packages: readonly string[]): number {
  const fields = run('apt-cache', ['--no-all-versions', 'show', ...packages]);
  return [...fields.matchAll(/^Installed-Size: (\d+)$/gm)].reduce(
    (sum, [, kib]) => sum + Number(kib) * 1024,
    0,
  );
}

/** Sums the sizes of tcptrace's packaged files, its dependencies, and the addon's bundled libraries. */
export function tcptraceBytes(project: string): number {
  const modules = run('npm', ['ls', '--omit=dev', '--all', '--parseable'], project)
    .trim()
    .split('\n')
    .slice(1);
  const addon = path.join(project, 'build/Release/tcptrace.node');
  const libraries = [...run('ldd', [addon]).matchAll(/=> (\S*\/lib(?:bpf|elf|z)\.\S+)/g)].map(
    ([, file = '']) => file,
  );
  const own = ['bin', 'dist', 'man', 'completions', 'oclif.manifest.json', 'package.json', 'README.md'];
  const files = [...own.map((name) => path.join(project, name)), ...modules, addon, ...libraries];
  const total = run('du', ['-cbL', ...files])
    .trim()
    .split('\n')
    .at(-1);
  return Number(total?.split('\t')[0]);
}
