/** Installs the package without build tools and runs it in a root directory that contains only Node.js, in several versions. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from '../cli/run.js';
import {seconds} from '../helpers/machine.js';
import {checkDoctor, checkWatch, inside, stdoutOf} from './installed.js';
import {type Pack, pack} from './pack.js';

const ARCH = `linux-${process.arch}`;

/** Downloads a Node.js version from npm; returns the path of its `node`. */
function fetchNode(version: string, scratch: string): string {
  const folder = path.join(scratch, `node-${version}`);
  mkdirSync(folder);
  const spec = `node-${ARCH}@${version}`;
  stdoutOf(['npm', 'pack', '--loglevel=error', spec], {cwd: folder, timeout: seconds(120)});
  stdoutOf(['sh', '-c', 'tar -xzf ./*.tgz package/bin/node'], {cwd: folder});
  return path.join(folder, 'package/bin/node');
}

/** Builds a root directory with `node`, its shared libraries, and mount points for /dev, /proc and /sys. */
function makeRoot(node: string, root: string): void {
  for (const name of ['dev', 'proc', 'sys', 'tmp', 'usr/bin'])
    mkdirSync(path.join(root, name), {recursive: true});
  copyFileSync(node, path.join(root, 'usr/bin/node'));
  for (const [library] of stdoutOf(['ldd', node]).matchAll(/\/\S+(?= \()/g)) {
    mkdirSync(path.join(root, path.dirname(library)), {recursive: true});
    copyFileSync(library, path.join(root, library));
  }
}

/** Runs `npm install --global` with only node in PATH. */
function install({tarball}: Pack, node: string, root: string, ...flags: string[]): void {
  const npm = realpathSync(stdoutOf(['sh', '-c', 'command -v npm']).trim());
  const bin = path.join(root, '..', 'bin');
  mkdirSync(bin, {recursive: true});
  symlinkSync(node, path.join(bin, 'node'));
  const prefix = path.join(root, 'usr/local');
  const args = [npm, 'install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, ...flags, tarball];
  stdoutOf([node, ...args], {timeout: seconds(120), env: {PATH: bin}});
}

const TCPTRACE = '/usr/local/bin/tcptrace';

/** The oldest supported version, and the newest of each later line. */
const VERSIONS = [
  ['20.19.0'],
  ['22', '--ignore-scripts'],
  ['24', '--ignore-scripts'],
  ['26', '--ignore-scripts'],
] as const;

for (const [version, ...flags] of VERSIONS) {
  describe(`package installed with Node.js ${[version, ...flags].join(' ')}`, function () {
    this.timeout(seconds(300));

    let scratch: string;
    let root: string;

    before(() => {
      scratch = mkdtempSync(path.join(tmpdir(), 'tcptrace-install-'));
      root = path.join(scratch, 'root');
      const node = fetchNode(version, scratch);
      makeRoot(node, root);
      install(pack(), node, root, ...flags);
    });

    after(() => {
      rmSync(scratch, {recursive: true});
    });

    it('runs this Node.js version', () => {
      assert.match(
        stdoutOf(inside(root, '/usr/bin/node', '--version')),
        new RegExp(`^v${version}(\\.|$)`, 'm'),
      );
    });

    it('installs no other package', () => {
      assert.deepEqual(readdirSync(path.join(root, 'usr/local/lib/node_modules')), ['tcptrace']);
      assert.ok(!existsSync(path.join(root, 'usr/local/lib/node_modules/tcptrace/node_modules')));
    });

    it('doctor finds a probe', () => {
      checkDoctor(inside(root, '/usr/bin/node', TCPTRACE));
    });

    it('watch traces', async () => {
      await checkWatch(inside(root, '/usr/bin/node', TCPTRACE));
    });

    it('can be imported as a library', () => {
      symlinkSync('usr/local/lib/node_modules', path.join(root, 'node_modules'));
      const script =
        "const {list} = await import('tcptrace'); console.log(list().why, list().sockets.length >= 0)";
      assert.equal(
        stdoutOf(inside(root, '/usr/bin/node', '--input-type=module', '-e', script)),
        'undefined true\n',
      );
    });
  });
}

describe('package with Node.js 18', () => {
  it('prints one line and exits with 3', function () {
    this.timeout(seconds(300));
    const scratch = mkdtempSync(path.join(tmpdir(), 'tcptrace-install-'));
    const node = fetchNode('18', scratch);
    const {status, stdout, stderr} = run(node, [path.join(pack().folder, 'bin/run.js'), 'watch']);
    rmSync(scratch, {recursive: true});
    assert.match(stderr, /^tcptrace: Node\.js v18\.\S+ is too old; install Node\.js 20\.19 or newer\n$/);
    assert.deepEqual([status, stdout], [3, '']);
  });
});
