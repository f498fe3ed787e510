/** Checks the npm package: complete, small, and dependent only on glibc. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
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

function readelf(...args: string[]): string {
  const {status, stdout, stderr} = run('readelf', ['--wide', ...args]);
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

describe('the package', () => {
  let made: Pack;

  before(function () {
    this.timeout(seconds(300));
    made = pack();
  });

  after(() => {
    made.remove();
  });

  it('is smaller than 6 MB', () => {
    assert.ok(statSync(made.tarball).size < 6e6);
  });

  it('contains only what users need, no sources', () => {
    const {files} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {files: string[]};
    for (const file of [
      ...files.filter((name) => !name.includes('*')),
      'README.md',
      'LICENSE',
      'man/tcptrace.1',
    ])
      assert.ok(existsSync(path.join(made.folder, file)), file);
    const found = readdirSync(made.folder).sort();
    const expected = ['LICENSE', 'NOTICE', 'README.md', 'bin', 'completions', 'dist', 'licenses', 'man'];
    assert.deepEqual(found, [...expected, 'oclif.manifest.json', 'package.json', 'prebuilds']);
  });

  it('names the license of each bundled package', () => {
    const text = readFileSync(path.join(made.folder, 'licenses/javascript.txt'), 'utf8');
    const {dependencies} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies))
      assert.match(text, new RegExp(`^${name} ${version}: \\S`, 'm'));
    assert.doesNotMatch(text, /: undefined$/m);
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
    });
  }
});
