/** `tcptrace compare` with known traffic: connections that /proc scans and conntrack miss. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import {text} from 'node:stream/consumers';
import {setTimeout} from 'node:timers/promises';
import {findDescendants} from '#dist/procfs/descendants.js';
import {assertRefused, run} from '../cli/run.js';
import {Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {untilReady} from '../helpers/ready.js';
import {hasProgram} from '../helpers/machine.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import type {ReportFields} from '../helpers/report-fields.js';
import type {Sock} from '../helpers/sock.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

/** Runs `compare` while `traffic` runs; that starts when all sources are ready. */
async function compareWhile(
  args: readonly string[],
  traffic: (pid: number) => Promise<void>,
  command: readonly string[] = [],
) {
  const [program = '', ...words] = [
    ...command,
    process.execPath,
    CLI,
    'compare',
    '--json',
    '--misses',
    ...args,
  ];
  await using child = reaped(spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe']}));
  const closed = once(child, 'close');
  const stdout = text(child.stdout);
  const notices: string[] = [];
  await untilReady(child.stderr, (line) => notices.push(line));
  await traffic(child.pid ?? 0);
  child.kill('SIGINT');
  assert.deepEqual(await closed, [0, null], notices.join('\n'));
  return {report: JSON.parse(await stdout) as ReportFields, notices};
}

/** nftables rules that enable connection tracking. */
const TRACKING = 'table inet t { chain c { type filter hook input priority 0; ct state new counter; }; }';

/** Returns the pid of the child that runs `program`. */
function childOf(parent: number, program: string): number {
  const children = readFileSync(`/proc/${String(parent)}/task/${String(parent)}/children`, 'utf8');
  const isIt = (pid: string): boolean => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program;
  return Number(children.trim().split(' ').find(isIt));
}

const inodes = (socks: readonly Sock[]): number[] => socks.map(({inode}) => inode).sort((a, b) => a - b);

suite('compare', (stage) => {
  it('/proc misses connections that live between two scans, and no others', async () => {
    const before = await connectPair(stage.actor, '127.0.0.1');
    const short: Sock[] = [];
    const long: Sock[] = [];
    const {report} = await compareWhile(
      ['--interval', '300ms', '--pid', String(stage.actor.pid)],
      async () => {
        await closePair(before);
        for (let i = 0; i < 3; i++) {
          const lasting = await connectPair(stage.actor, i === 1 ? '::1' : '127.0.0.1');
          long.push(lasting.client, lasting.server);
          // at least three scans
          await setTimeout(1200);
          const brief = await connectPair(stage.actor, '127.0.0.1');
          await closePair(brief);
          short.push(brief.client, brief.server);
          await closePair(lasting);
          // a scan sees that the connection is gone
          await setTimeout(1200);
        }
        await connectPair(stage.actor, '127.0.0.1');
      },
    );
    const [ebpf, proc] = report.ways;
    assert.ok(ebpf && proc);
    assert.equal(report.connections, short.length + long.length);
    assert.deepEqual(report.apart, {began_before: 2, ended_after: 2});
    assert.deepEqual(
      [ebpf.missed, ebpf.lost, ebpf.pid, ebpf.netns],
      [0, 0, {wrong: 0, missing: 0}, {wrong: 0, missing: 0}],
    );
    const missed = report.misses.map(({inode}) => inode);
    assert.deepEqual(
      missed.filter((inode) => !inodes(short).includes(inode)),
      [],
    );
    assert.ok(proc.missed >= 1 && proc.missed === missed.length);
    assert.equal(proc.missed_short, proc.missed);
    assert.deepEqual(
      [proc.pid, proc.netns],
      [
        {wrong: 0, missing: 0},
        {wrong: 0, missing: 0},
      ],
    );
    for (const {cpu_ms, peak_rss_bytes} of report.ways) assert.ok(cpu_ms > 0 && peak_rss_bytes > 2 ** 24);
  });

  it('conntrack reports flows without pid and namespace', async function () {
    if (!hasProgram('conntrack') || !hasProgram('nft')) skip(this, 'no conntrack, or no nft');
    using netns = new Netns();
    netns.nft(TRACKING);
    await stage.actor.do('netns', netns.path);
    const count = 20;
    const {report, notices} = await compareWhile(
      ['--conntrack', '--pid', String(stage.actor.pid)],
      async () => {
        for (let i = 0; i < count; i++)
          await closePair(await connectPair(stage.actor, i % 2 ? '127.0.0.1' : '::1'));
      },
      ['ip', 'netns', 'exec', netns.name],
    );
    const [ebpf, , conntrack] = report.ways;
    assert.ok(ebpf && conntrack);
    assert.equal(report.connections, 2 * count, notices.join('\n'));
    assert.deepEqual([ebpf.missed, conntrack.seen, conntrack.missed], [0, 2 * count, 0]);
    assert.deepEqual([conntrack.pid.missing, conntrack.netns.missing], [2 * count, 2 * count]);
  });

  it('conntrack with NAT: a flow matches the endpoints of either socket', async function () {
    if (!hasProgram('conntrack') || !hasProgram('nft')) skip(this, 'no conntrack, or no nft');
    using netns = new Netns();
    netns.nft(TRACKING);
    await stage.actor.do('netns', netns.path);
    const listener = await stage.actor.listen('127.0.0.1');
    const wrong = listener.port === 9999 ? 9998 : 9999;
    netns.nft(
      `table ip nat { chain out { type nat hook output priority -100; tcp dport ${String(wrong)} redirect to :${String(listener.port)}; }; }`,
    );
    const count = 10;
    const {report, notices} = await compareWhile(
      // the port of the server; the client connects to another
      ['--conntrack', '--port', String(listener.port)],
      async () => {
        for (let i = 0; i < count; i++) {
          const client = await stage.actor.socket(4);
          await client.connect('127.0.0.1', wrong);
          await closePair({client, server: await listener.accept()});
        }
      },
      ['ip', 'netns', 'exec', netns.name],
    );
    assert.equal(report.connections, count, notices.join('\n'));
    const [ebpf, , conntrack] = report.ways;
    assert.deepEqual([ebpf?.missed, conntrack?.missed], [0, 0]);
  });

  it('conntrack does not know processes: flows of processes excluded by --pid do not count', async function () {
    if (!hasProgram('conntrack') || !hasProgram('nft')) skip(this, 'no conntrack, or no nft');
    using netns = new Netns();
    netns.nft(TRACKING);
    await using other = await Actor.start();
    for (const actor of [stage.actor, other]) await actor.do('netns', netns.path);
    const {report} = await compareWhile(
      ['--conntrack', '--pid', String(stage.actor.pid)],
      async () => {
        for (let i = 0; i < 5; i++)
          for (const actor of [stage.actor, other]) await closePair(await connectPair(actor, '127.0.0.1'));
      },
      ['ip', 'netns', 'exec', netns.name],
    );
    assert.deepEqual(
      [report.connections, report.ways[0]?.missed, report.ways[2]?.missed, report.ways[2]?.lost],
      [10, 0, 0, 0],
    );
  });

  it('a stopped reader: nothing is lost, and no delay includes the stop', async function () {
    if (!hasProgram('conntrack') || !hasProgram('nft')) skip(this, 'no conntrack, or no nft');
    using netns = new Netns();
    netns.nft(TRACKING);
    await stage.actor.do('netns', netns.path);
    // more lines than a pipe holds, and fewer messages than the buffer of conntrack, which is enlarged
    const count = 3000;
    let stoppedMs = 0;
    const {report} = await compareWhile(
      ['--conntrack', '--pid', String(stage.actor.pid)],
      async (reader) => {
        process.kill(reader, 'SIGSTOP');
        const stoppedAt = performance.now();
        const listener = await stage.actor.listen('127.0.0.1');
        const serving = await stage.actor.background('serve', listener.fd, count);
        await stage.actor.do('burst', count, '127.0.0.1', listener.port, 1, 0);
        await serving.join();
        // much longer than the sources need for their events
        await setTimeout(5000);
        stoppedMs = performance.now() - stoppedAt;
        process.kill(reader, 'SIGCONT');
      },
      ['ip', 'netns', 'exec', netns.name],
    );
    const [ebpf, , conntrack] = report.ways;
    assert.ok(ebpf?.delay_us && conntrack?.delay_us);
    assert.equal(report.connections, 2 * count);
    assert.deepEqual([ebpf.missed, ebpf.lost, conntrack.missed, conntrack.lost], [0, 0, 0, 0]);
    for (const {delay_us: delay} of [ebpf, conntrack])
      assert.ok((delay?.max ?? Infinity) < stoppedMs * 1000, JSON.stringify(report.ways));
  });

  it('conntrack with a buffer overrun: reports the number of lost messages', async function () {
    if (!hasProgram('conntrack') || !hasProgram('nft')) skip(this, 'no conntrack, or no nft');
    using netns = new Netns();
    netns.nft(TRACKING);
    await stage.actor.do('netns', netns.path);
    const {report, notices} = await compareWhile(
      ['--conntrack', '--pid', String(stage.actor.pid)],
      async (child) => {
        const conntrack = childOf(child, 'conntrack');
        process.kill(conntrack, 'SIGSTOP');
        const listener = await stage.actor.listen('127.0.0.1');
        const serving = await stage.actor.background('serve', listener.fd, 12_000);
        await stage.actor.do('burst', 12_000, '127.0.0.1', listener.port, 1, 0);
        await serving.join();
        process.kill(conntrack, 'SIGCONT');
        await setTimeout(500);
      },
      ['ip', 'netns', 'exec', netns.name],
    );
    const [ebpf, , conntrack] = report.ways;
    assert.ok(ebpf && conntrack);
    assert.deepEqual([ebpf.missed, ebpf.lost], [0, 0]);
    assert.ok((conntrack.lost ?? 0) > 0 && conntrack.missed > 0, JSON.stringify(conntrack));
    assert.ok(notices.includes('tcptrace: conntrack: buffer overrun: events were lost'), notices.join('\n'));
  });

  it('killed: the processes it started exit', async function () {
    if (!hasProgram('conntrack')) skip(this, 'no conntrack');
    const words = [CLI, 'compare', '--conntrack', '--duration', '1h'];
    await using child = reaped(spawn(process.execPath, words));
    const closed = once(child, 'close');
    await untilReady(child.stderr);
    const {pid = 0} = child;
    const started = findDescendants([pid]).filter((it) => it !== pid);
    assert.ok(started.length >= 3, String(started));
    child.kill('SIGKILL');
    // its children share its streams, so 'close' also waits for them
    await closed;
    const isRunning = (it: number): boolean => existsSync(`/proc/${String(it)}/exe`);
    await until(() => !started.some(isRunning), 'its children to exit');
  });

  it('without the program conntrack: exits with 3', function () {
    const hide = 'for place in /usr/sbin /usr/local/sbin; do mount -t tmpfs none "$place"; done; exec "$@"';
    const command = [process.execPath, CLI, 'compare', '--conntrack', '--duration', '1s'];
    const result = run('unshare', ['-m', 'sh', '-c', hide, 'sh', ...command]);
    assertRefused(result, 3, /^the program conntrack is missing; install conntrack-tools/);
  });

  it('conntrack without connection tracking: prints a notice', async function () {
    if (!hasProgram('conntrack')) skip(this, 'no conntrack');
    using netns = new Netns();
    const {notices} = await compareWhile(['--conntrack'], async () => Promise.resolve(), [
      'ip',
      'netns',
      'exec',
      netns.name,
    ]);
    assert.ok(
      notices.some((line) => line.startsWith('tcptrace: conntrack saw no connections')),
      notices.join('\n'),
    );
  });
});
