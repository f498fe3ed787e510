/** What a user without privileges gets. */
import assert from 'node:assert/strict';
import {chmodSync, cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {ROOT} from '../helpers/machine.js';
import {assertRefused, CLI, IS_ROOT, type Result, run} from './run.js';

const NOBODY = IS_ROOT ? {uid: 65_534, gid: 65_534} : {};

const CAPABILITIES = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_PTRACE'];

/** What the program consists of. */
const PARTS = [
  'bin',
  'dist',
  'build/Release/tcptrace.node',
  'package.json',
  'oclif.manifest.json',
  'node_modules',
];

describe('without privileges', function () {
  this.slow(2000);
  this.timeout(60_000);

  let node = process.execPath;
  let cli = CLI;
  let copy: string | undefined;

  function isReadable(): boolean {
    try {
      return run(node, [cli, '--version'], {...NOBODY, cwd: '/'}).status === 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return false;
      throw error;
    }
  }

  // a checkout, or node itself, may lie where others cannot go
  before(() => {
    if (isReadable()) return;
    copy = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    chmodSync(copy, 0o755);
    for (const part of PARTS) cpSync(path.join(ROOT, part), path.join(copy, part), {recursive: true});
    cli = path.join(copy, 'bin/run.js');
    node = path.join(copy, 'node');
    cpSync(process.execPath, node);
    assert.ok(isReadable());
  });

  after(() => {
    if (copy !== undefined) rmSync(copy, {recursive: true});
  });

  function tcptrace(...args: string[]): Result {
    return run(node, [cli, ...args], {...NOBODY, cwd: '/'});
  }

  for (const probe of ['auto', 'fentry', 'kprobe', 'tracepoint']) {
    it(`watch --probe ${probe}: says what is missing, and sudo`, () => {
      const missing = `not permitted: ${CAPABILITIES.join(', ')} missing; run it with sudo`;
      const prefix = probe === 'auto' ? '' : `${probe}: `;
      assertRefused(tcptrace('watch', '--probe', probe), 3, `cannot trace: ${prefix}${missing}`);
    });
  }

  it('doctor: names them, code 3', () => {
    const {status, stdout, stderr} = tcptrace('doctor');
    for (const name of CAPABILITIES) assert.match(stdout, new RegExp(`│ ${name} +│ no +│`));
    assert.match(stdout, /\nno eBPF probe works here\n$/);
    assert.deepEqual([status, stderr], [3, '']);
  });

  it('doctor --json: no probe, code 3', () => {
    const {status, stdout, stderr} = tcptrace('doctor', '--json');
    const {probe, features} = JSON.parse(stdout) as {probe: unknown; features: {name: string; ok: boolean}[]};
    assert.equal(probe, null);
    const lacking = features.filter(({ok}) => !ok).map(({name}) => name);
    assert.deepEqual(
      CAPABILITIES.filter((name) => !lacking.includes(name)),
      [],
    );
    assert.deepEqual([status, stderr], [3, '']);
  });

  it('wrong usage is told first', () => {
    assertRefused(tcptrace('watch', '--port', '0'), 2, /^--port: not a port: "0"; /);
  });

  it('help takes none', () => {
    assert.equal(tcptrace('--help').status, 0);
  });
});
