/** Checks the npm package: complete, small, and dependent only on glibc. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {run} from '../cli/run.js';
import {ROOT, seconds} from '../helpers/machine.js';
import {type Pack, pack} from './pack.js';

/** Libraries that every system with Node.js has. */
const SYSTEM =
  /^(libc\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|libm\.so\.6|ld-linux-(x86-64|aarch64)\.so\.[12])$/;
const MACHINES = {'linux-x64': 'X86-64', 'linux-arm64': 'AArch64'};
/** README.md names the same version. */
const GLIBC = [2, 33];

interface Manifest {
  readonly dependencies?: unknown;
  readonly bundled: readonly string[];
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

function readelf(...args: string[]): string {
  const {status, stdout, stderr} = run('readelf', ['--wide', ...args]);
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

describe('the package', () => {
  let made: Pack;
  let manifest: Manifest;

  function read(name: string): string {
    return readFileSync(path.join(made.folder, name), 'utf8');
  }

  before(function () {
    this.timeout(seconds(300));
    made = pack();
    manifest = JSON.parse(read('package.json')) as Manifest;
  });

  it('is smaller than 6 MB', () => {
    assert.ok(statSync(made.tarball).size < 6e6);
  });

  it('contains only what users need, no sources', () => {
    const files = manifest.files.filter((name) => !name.includes('*'));
    for (const file of [...files, 'README.md', 'LICENSE', 'man/tcptrace.1'])
      assert.ok(existsSync(path.join(made.folder, file)), file);
    const documents = ['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'SECURITY.md'];
    const folders = ['bin', 'completions', 'contrib', 'dist', 'docs', 'licenses', 'man', 'prebuilds'];
    const expected = [...documents, ...folders, 'oclif.manifest.json', 'package.json'];
    assert.deepEqual(readdirSync(made.folder).sort(), expected.sort());
  });

  it('contains each module once', () => {
    const modules = readdirSync(path.join(made.folder, 'dist'), {recursive: true, encoding: 'utf8'}).filter(
      (name) => name.endsWith('.js') && !name.startsWith('bundle/'),
    );
    assert.deepEqual(modules, []);
  });

  it('depends on no other package, and names those that it bundles, with their licenses', () => {
    const {bundled, dependencies, devDependencies} = manifest;
    assert.equal(dependencies, undefined);
    const licenses = read('licenses/javascript.txt');
    const documents = [read('NOTICE'), read('docs/architecture.md')];
    for (const name of bundled) {
      assert.match(licenses, new RegExp(`^${name} ${devDependencies[name] ?? ''}: \\S`, 'm'));
      for (const text of documents) assert.ok(text.includes(name), name);
    }
    assert.doesNotMatch(licenses, /: undefined$/m);
  });

  it('passes publint', () => {
    const {status, stdout, stderr} = run('npx', ['--no-install', 'publint', '--strict', made.tarball], {
      cwd: ROOT,
    });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /All good!/);
  });

  it('has the types of the library', () => {
    const [, example = ''] = /```js\n([^]*?)```/.exec(read('README.md')) ?? [];
    const folder = path.join(path.dirname(made.tarball), 'user');
    mkdirSync(path.join(folder, 'node_modules'), {recursive: true});
    symlinkSync(made.folder, path.join(folder, 'node_modules/tcptrace'));
    symlinkSync(path.join(ROOT, 'node_modules/@types'), path.join(folder, 'node_modules/@types'));
    writeFileSync(path.join(folder, 'example.mts'), example);
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
    const {status, stdout} = run(tsc, [...flags, 'example.mts'], {cwd: folder, timeout: seconds(60)});
    rmSync(folder, {recursive: true});
    assert.deepEqual([stdout, status], ['', 0]);
  });

  for (const [arch, machine] of Object.entries(MACHINES)) {
    describe(arch, () => {
      const libraries = ['libbpf.so.1', 'libelf.so.1', 'libz.so.1'];
      const folder = () => path.join(made.folder, 'prebuilds', arch);

      it('has the addon and the libraries that a system may lack', () => {
        assert.deepEqual(readdirSync(folder()).sort(), [...libraries, 'tcptrace.node']);
      });

      for (const name of ['tcptrace.node', ...libraries]) {
        it(`${name}: right architecture, only known dependencies, glibc ${GLIBC.join('.')} or older, no text relocations`, () => {
          const file = path.join(folder(), name);
          assert.match(readelf('-h', file), new RegExp(`Machine: .*${machine}`));
          const dynamic = readelf('-d', file);
          assert.doesNotMatch(dynamic, /TEXTREL/);
          const needed = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, library = '']) => library);
          assert.ok(needed.length > 0);
          assert.deepEqual(
            needed.filter((library) => !SYSTEM.test(library) && !libraries.includes(library)),
            [],
          );
          const versions = [...readelf('-V', file).matchAll(/\bGLIBC_(\d+)\.(\d+)/g)];
          const [major = 0, minor = 0] = GLIBC;
          const newer = versions.filter(([, a, b]) => Number(a) > major || Number(b) > minor);
          assert.ok(versions.length > 0);
          assert.deepEqual(newer.map(String), []);
        });
      }

      it('the addon first loads the libraries in its own directory', () => {
        assert.match(readelf('-d', path.join(folder(), 'tcptrace.node')), /\(RPATH\).*\[\$ORIGIN\]/);
      });

      it('the addon does not name the folder in which it was built', () => {
        const addon = readFileSync(path.join(folder(), 'tcptrace.node'));
        assert.ok(addon.includes('bpf/filter.h'));
        assert.equal(addon.indexOf(ROOT), -1);
      });
    });
  }
});
