/** Race conditions and failures of the reader thread. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {constants, tmpdir} from 'node:os';
import path from 'node:path';
import type {Filter} from '#dist/filter/filter.js';
import {IS_ROOT, run} from '../cli/run.js';
import {hasProgram, kernelIsAtLeast, ROOT} from '../helpers/machine.js';
import {Netns} from '../helpers/netns.js';
import {skip} from '../helpers/suite.js';
import {tracerOptionsSource} from '../helpers/tracer-options.js';

const ADDON = createRequire(import.meta.url).resolve('#addon');

function prelude(filter: Partial<Filter> = {}): string {
  return `
    const addon = require(${JSON.stringify(ADDON)});
    const options = ${tracerOptionsSource(filter)};`;
}

/** Makes a connection and stops the trace while the reader is held after it found the ring empty. */
const STOP_WHILE_HELD = `
  const {existsSync, rmSync} = require('node:fs');
  const {connect, createServer} = require('node:net');
  const {once} = require('node:events');
  const {setTimeout} = require('node:timers/promises');
  (async () => {
    const tracer = new addon.Tracer(options);
    const first = tracer.read();
    while (!existsSync(process.env.HELD)) await setTimeout(1);
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await once(connect(server.address().port, '127.0.0.1').resume(), 'close');
    server.close();
    await once(server, 'close');
    tracer.stop();
    rmSync(process.env.HELD);
    let records = 0;
    for (let batch = await first; batch !== null; batch = await tracer.read())
      records += batch.records.length / addon.eventSize;
    console.log(records, tracer.stats().lost);
    tracer.close();
  })();`;

/** Runs a command as an unprivileged user with capabilities: root has no RLIMIT_NPROC. Mounts tracefs if necessary. */
function asOtherUser(...words: string[]): string[] {
  const mounted =
    '[ -e /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"';
  const user = ['--reuid=4242424', '--regid=4242424', '--clear-groups', '--no-new-privs'];
  const list = '-all,+bpf,+perfmon,+net_admin,+sys_ptrace,+dac_read_search';
  const capabilities = [`--inh-caps=${list}`, `--ambient-caps=${list}`, `--bounding-set=${list}`];
  return ['--mount', 'sh', '-c', mounted, 'sh', 'setpriv', ...user, ...capabilities, ...words];
}

/** Lowers RLIMIT_NPROC after Node.js has started its own threads. */
const START_AT_THREAD_LIMIT = `
  require('node:child_process').execFileSync('prlimit', ['--pid', process.pid, '--nproc=1']);
  for (let turn = 0; turn < 2; turn++)
    try {
      new addon.Tracer(options);
    } catch ({code, step, errno, log}) {
      console.log(code, step, errno, log);
    }`;

describe('reader thread', function () {
  this.timeout(60_000);

  it('reads records that arrive while the trace stops and the thread is delayed', function () {
    if (!IS_ROOT) skip(this, 'only root can trace');
    if (!hasProgram('cc')) skip(this, 'no cc(1)');
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    try {
      const held = path.join(directory, 'held-reader.so');
      const source = path.join(ROOT, 'test/native/held-reader.c');
      const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
      const withoutPreload = {...process.env, LD_PRELOAD: undefined};
      execFileSync('cc', [...flags, '-o', held, source, '-ldl'], {env: withoutPreload});
      const LD_PRELOAD = [process.env.LD_PRELOAD ?? '', held].join(' ').trim();
      const env = {LD_PRELOAD, HELD: path.join(directory, 'held')};
      using netns = new Netns();
      const script = prelude({netns: [netns.inode]}) + STOP_WHILE_HELD;
      const {stdout, stderr} = run('ip', ['netns', 'exec', netns.name, process.execPath, '-e', script], {
        env,
      });
      assert.deepEqual([stdout, stderr], ['4 0\n', '']);
    } finally {
      rmSync(directory, {recursive: true});
    }
  });

  it('start refused by RLIMIT_NPROC: throws an error', function () {
    if (!IS_ROOT) skip(this, 'only root can change its user');
    if (!kernelIsAtLeast(5, 11)) skip(this, 'maps count as locked memory on this kernel');
    if (!hasProgram('setpriv') || !hasProgram('prlimit')) skip(this, 'no setpriv(1) or prlimit(1)');
    const {status, stdout, stderr} = run(
      'unshare',
      asOtherUser(process.execPath, '-e', prelude() + START_AT_THREAD_LIMIT),
    );
    const refused = `ERR_TCPTRACE_LOAD read ${String(constants.errno.EAGAIN)} thread\n`;
    assert.deepEqual([status, stdout, stderr], [0, refused.repeat(2), '']);
  });
});
