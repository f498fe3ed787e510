/** The archives and Debian packages that contain Node.js: built, and installed in a bare Debian system. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from '../cli/run.js';
import {ROOT, seconds} from '../helpers/machine.js';
import {needPrograms} from '../runtimes/needs.js';
import {makeDebianRoot} from './debian-root.js';
import {checkDoctor, checkWatch, type CommandLine, inside, stdoutOf} from './installed.js';
import {pack} from './pack.js';
import {buildPackages, PACKAGES} from './packages.js';

const DEBIAN_ARCH = process.arch === 'x64' ? 'amd64' : process.arch;
const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};
const NAME = 'tcptrace-ebpf';
const MACHINES = {arm64: /Machine: .*AArch64/, x64: /Machine: .*X86-64/};

function deb(arch: string): string {
  return path.join(PACKAGES, `${NAME}_${version}-1_${arch}.deb`);
}

function archive(arch: string): string {
  return path.join(PACKAGES, `tcptrace-${version}-linux-${arch}.tar.gz`);
}

/** Files that a shell or man(1) searches, relative to the prefix. */
function sharedFiles(zsh: string, suffix: string): readonly string[] {
  return [
    'bin/tcptrace',
    `share/man/man1/tcptrace-watch.1${suffix}`,
    `share/man/man5/tcptrace-events.5${suffix}`,
    'share/bash-completion/completions/tcptrace',
    `share/zsh/${zsh}/_tcptrace`,
    'share/fish/vendor_completions.d/tcptrace.fish',
  ];
}

/** Checks the unit as if `payload` was installed over `prefix` of this machine. */
function verifyUnit(prefix: string, payload: string, unit: string): void {
  const script =
    'mount -t overlay overlay -o "lowerdir=$1:$0" "$0" && exec systemd-analyze --man=no verify "$2"';
  const {status, stdout, stderr} = run('unshare', ['--mount', 'sh', '-c', script, prefix, payload, unit]);
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
}

describe('packages with Node.js', function () {
  this.timeout(seconds(600));
  let scratch: string;
  let root: string;
  const tcptrace = (): CommandLine => inside(root, 'tcptrace');

  before(function () {
    needPrograms(this, 'mmdebstrap', 'dpkg-deb', 'systemd-analyze');
    scratch = mkdtempSync(path.join(tmpdir(), 'tcptrace-standalone-'));
    buildPackages();
  });

  beforeEach(() => {
    root = path.join(scratch, 'root');
    makeDebianRoot(root);
  });

  afterEach(() => {
    rmSync(root, {recursive: true});
  });

  after(() => {
    rmSync(scratch, {recursive: true});
  });

  function assertShared(prefix: string, zsh: string, suffix: string): void {
    for (const file of sharedFiles(zsh, suffix)) assert.ok(existsSync(path.join(root, prefix, file)), file);
    const completion = `. /${prefix}/share/bash-completion/completions/tcptrace; complete -p tcptrace`;
    assert.match(stdoutOf(inside(root, 'bash', '-c', completion)), /^complete .* tcptrace$/m);
  }

  it('the Debian package installs, traces, and leaves nothing when it is purged', async () => {
    copyFileSync(deb(DEBIAN_ARCH), path.join(root, 'tcptrace.deb'));
    stdoutOf(inside(root, 'dpkg', '--install', '/tcptrace.deb'));
    assertShared('usr', 'vendor-completions', '.gz');
    checkDoctor(tcptrace());
    await checkWatch(tcptrace());
    stdoutOf(inside(root, 'dpkg', '--purge', NAME));
    const left = readdirSync(path.join(root, 'usr'), {recursive: true, encoding: 'utf8'});
    assert.deepEqual(
      left.filter((file) => file.includes('tcptrace')),
      [],
    );
  });

  it("the Debian package conflicts with Debian's package tcptrace", () => {
    const folder = path.join(root, 'other');
    mkdirSync(path.join(folder, 'DEBIAN'), {recursive: true});
    const control =
      'Package: tcptrace\nVersion: 6.6.7\nArchitecture: all\nMaintainer: a <a@b>\nDescription: c\n';
    writeFileSync(path.join(folder, 'DEBIAN/control'), control);
    stdoutOf(['dpkg-deb', '--build', folder, path.join(root, 'other.deb')]);
    stdoutOf(inside(root, 'dpkg', '--install', '/other.deb'));
    copyFileSync(deb(DEBIAN_ARCH), path.join(root, 'tcptrace.deb'));
    const [program, ...args] = inside(root, 'dpkg', '--install', '/tcptrace.deb');
    const {status, stderr} = run(program, args);
    assert.equal(status, 1);
    assert.match(stderr, /conflicting packages - not installing tcptrace-ebpf/);
  });

  it('the archive traces from /usr/local, and from any folder by a symbolic link', async () => {
    const unpack = ['tar', '-xzf', archive(process.arch), '--strip-components=1', '-C'] as const;
    stdoutOf([...unpack, path.join(root, 'usr/local')]);
    assertShared('usr/local', 'site-functions', '');
    checkDoctor(tcptrace());
    await checkWatch(tcptrace());
    rmSync(path.join(root, 'usr/local/bin/tcptrace'));
    mkdirSync(path.join(root, 'opt/trace it'));
    stdoutOf([...unpack, path.join(root, 'opt/trace it')]);
    symlinkSync('/opt/trace it/bin/tcptrace', path.join(root, 'usr/bin/tcptrace'));
    assert.match(stdoutOf([...tcptrace(), '--version']), new RegExp(`^tcptrace/${version} `));
  });

  it('the systemd unit is valid where the Debian package, the archive and npm install tcptrace', () => {
    stdoutOf(['dpkg-deb', '--extract', deb(DEBIAN_ARCH), path.join(scratch, 'deb')]);
    verifyUnit('/usr', path.join(scratch, 'deb/usr'), 'tcptrace.service');
    for (const name of ['archive', 'npm']) mkdirSync(path.join(scratch, name));
    const unit = path.join(ROOT, 'contrib/tcptrace.service');
    stdoutOf([
      'tar',
      '-xzf',
      archive(process.arch),
      '--strip-components=1',
      '-C',
      path.join(scratch, 'archive'),
    ]);
    verifyUnit('/usr/local', path.join(scratch, 'archive'), unit);
    stdoutOf(['npm', 'install', '--global', '--prefix', path.join(scratch, 'npm'), pack().tarball]);
    verifyUnit('/usr/local', path.join(scratch, 'npm'), unit);
  });

  it('lintian accepts the Debian package, apart from Node.js', function () {
    needPrograms(this, 'lintian');
    const folder = path.join(scratch, 'lintian');
    stdoutOf(['dpkg-deb', '--raw-extract', deb(DEBIAN_ARCH), folder]);
    // reading all of Node.js takes long
    copyFileSync('/bin/true', path.join(folder, 'usr/lib/tcptrace/node'));
    rmSync(path.join(folder, 'DEBIAN/md5sums'));
    const small = `${folder}.deb`;
    stdoutOf(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', folder, small]);
    const flags = ['--allow-root', '--fail-on=error,warning', '--tag-display-limit=0'];
    const {status, stdout} = run('lintian', [...flags, small], {timeout: seconds(120)});
    assert.deepEqual([status, stdout], [0, '']);
  });

  for (const [arch, machine] of Object.entries(MACHINES))
    it(`those for ${arch} have its Node.js and addon`, () => {
      const folder = path.join(scratch, arch);
      mkdirSync(folder);
      stdoutOf(['tar', '-xzf', archive(arch), '--strip-components=1', '-C', folder]);
      for (const file of ['node', `prebuilds/linux-${arch}/tcptrace.node`])
        assert.match(stdoutOf(['readelf', '-h', path.join(folder, 'lib/tcptrace', file)]), machine);
      assert.ok(lstatSync(path.join(folder, 'share/doc/tcptrace/licenses/node.txt')).isFile());
      const field = ['dpkg-deb', '--field', deb(arch === 'x64' ? 'amd64' : arch), 'Architecture'] as const;
      assert.equal(stdoutOf(field).trim(), arch === 'x64' ? 'amd64' : arch);
    });
});
