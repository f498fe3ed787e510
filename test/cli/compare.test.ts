/** Filters of `tcptrace compare`, with a recording of one connection. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import Compare from '#dist/commands/compare.js';
import {tcptrace} from './run.js';

const CONNECT = {
  time: '2026-11-25T10:00:00.000000000Z',
  event: 'connect',
  source: 'tracepoint',
  pid: process.pid,
  comm: 'curl',
  uid: 0,
  family: 4,
  laddr: '127.0.0.1',
  lport: 40_000,
  raddr: '127.0.0.2',
  rport: 443,
  netns: 4_026_531_999,
  inode: 100,
  direction: 'out',
  cgroup: '/system.slice/a.service',
  container: '0123456789ab',
  pod: 'web-7f9c',
  pod_namespace: 'shop',
} as const;
const CLOSE = {
  ...CONNECT,
  time: '2026-11-25T10:00:01.000000000Z',
  event: 'close',
  ended_by: 'local',
} as const;

interface Report {
  readonly connections: number;
  readonly start?: string;
}

describe('compare: flags', () => {
  let folder: string;
  let files: readonly string[];
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    files = ['a', 'b'].map((name) => path.join(folder, name));
    for (const file of files)
      writeFileSync(file, [CONNECT, CLOSE].map((event) => `${JSON.stringify(event)}\n`).join(''));
  });
  after(() => {
    rmSync(folder, {recursive: true});
  });

  function compare(...flags: readonly string[]): Report {
    const {status, stdout, stderr} = tcptrace(['compare', '--json', ...flags, ...files]);
    assert.deepEqual([stderr, status], ['', 0]);
    return JSON.parse(stdout) as Report;
  }

  /** A value that matches the connection, and one that does not. */
  const CASES = {
    addr: ['127.0.0.2', '10.0.0.0/8'],
    cgroup: ['/system.slice', '/user.slice'],
    comm: ['c*l', 'wget'],
    container: ['0123', '4567'],
    laddr: ['127.0.0.1', '127.0.0.2'],
    lport: ['40000', '443'],
    netns: ['4026531999', '4026531998'],
    pid: [String(process.pid), '1'],
    pod: ['web-*', 'db-*'],
    'pod-namespace': ['sho?', 'kube-system'],
    port: ['443', '80'],
    raddr: ['127.0.0.0/8', '127.0.0.1'],
    rport: ['400-500', '40000'],
    uid: ['0', '1'],
    user: ['root', 'nobody'],
  };
  for (const [name, [right = '', wrong = '']] of Object.entries(CASES))
    it(`--${name}, --not-${name}`, () => {
      const found = [`--${name}`, `--not-${name}`].flatMap((flag) =>
        [right, wrong].map((value) => compare(flag, value).connections),
      );
      assert.deepEqual(found, [1, 0, 0, 1]);
    });

  it('--ipv4, --ipv6, --no-loopback', () => {
    const found = ['--ipv4', '--ipv6', '--no-loopback'].map((flag) => compare(flag).connections);
    assert.deepEqual(found, [1, 0, 0]);
  });

  it('has no start time if no connection matches', () => {
    assert.equal(compare('--port', '443').start, '2026-11-25T10:00:00.000Z');
    assert.equal(compare('--port', '80').start, undefined);
  });

  it('tests every filter flag', () => {
    const filters = Object.entries(Compare.flags).filter(([, {helpGroup}]) => helpGroup === 'filter');
    const missing = filters.map(([name]) => name.replace(/^not-/, '')).filter((name) => !(name in CASES));
    assert.deepEqual(missing, ['ipv4', 'ipv6', 'no-loopback']);
  });
});
