/** `watch -- COMMAND` and `--pid --follow`. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from '../cli/run.js';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {PROBE} from '../helpers/machine.js';
import {connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI, Tracer, type TraceEvent} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

interface Traced {
  readonly status: number | null;
  readonly events: readonly TraceEvent[];
  readonly stderr: string;
}

function trace(words: readonly string[], flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Traced {
  const args = [CLI, 'watch', '--ndjson', '--probe', PROBE, ...flags, '--', ...words];
  const {status, stdout, stderr} = run(process.execPath, args, {env});
  const lines = stdout.split('\n').slice(0, -1);
  return {status, stderr, events: lines.map((line) => JSON.parse(line) as TraceEvent)};
}

/** Script that connects to a port, prints its pid and port, and exits. */
const client = (port: number): string => `
  const socket = require('net').connect(${String(port)}, '127.0.0.1', () => {
    console.log('client', process.pid, socket.localPort);
    socket.destroy();
  });`;

/** Parses the output of these scripts. */
function clientsIn(stderr: string): [pid: number, port: number][] {
  return [...stderr.matchAll(/^client (\d+) (\d+)$/gm)].map(([, pid, port]) => [Number(pid), Number(port)]);
}

const kinds = (events: readonly TraceEvent[]): string[] => events.map(({event}) => event);

/** Number of a process' descriptors that are BPF objects. */
function countBpfDescriptors(pid = 0): number {
  const folder = `/proc/${String(pid)}/fd`;
  const links = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(path.join(folder, fd));
    } catch {
      return ''; // closed meanwhile
    }
  });
  return links.filter((link) => link.includes('bpf')).length;
}

suite('watch -- COMMAND', (stage) => {
  it("traces only descendants and exits with the command's code", async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const grandchild = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(client(listener.port))}], {stdio: 'inherit'})`;
    const script = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(grandchild)}], {stdio: 'inherit'}); process.exit(7)`;
    const {status, events, stderr} = trace([process.execPath, '-e', script, '--', '-h']);
    assert.equal(status, 7);
    const [[pid, port] = []] = clientsIn(stderr);
    assert.deepEqual(
      events.map((event) => [event.event, event.pid, event.lport, event.rport]),
      [
        ['connect', pid, port, listener.port],
        ['close', pid, port, listener.port],
      ],
    );
  });

  it('names the processes that the command leaves running', () => {
    const child = `require('child_process').spawn('sleep', ['2'], {detached: true, stdio: 'ignore'}).unref()`;
    const {stderr} = trace([process.execPath, '-e', child]);
    assert.match(stderr, /^tcptrace: the command left 1 process running, no longer traced: sleep\[\d+\]; /m);
    assert.doesNotMatch(trace(['true']).stderr, /left/);
  });

  it('warns of a client whose daemon starts the processes', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const docker = path.join(directory, 'docker');
    writeFileSync(docker, '#!/bin/sh\n', {mode: 0o755});
    const {stderr} = trace([docker, 'run', 'image']);
    rmSync(directory, {recursive: true});
    assert.match(stderr, /^tcptrace: processes that a daemon starts for docker are not traced; /m);
  });

  it('exits with 128 plus the signal that terminated the command', () => {
    const {status, events} = trace([process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")']);
    assert.deepEqual([status, events], [137, []]);
  });

  for (const program of ['/nowhere/at/all', 'nowhere-at-all', '']) {
    it(`exits with 127 if the program is missing, ${JSON.stringify(program)}, also under sudo`, () => {
      for (const env of [{}, {SUDO_UID: '1'}]) {
        const {status, stderr} = trace([program], [], env);
        assert.equal(status, 127);
        assert.match(stderr, new RegExp(`^tcptrace: cannot run "${program}": no such program$`, 'm'));
        assert.doesNotMatch(stderr, /setpriv/);
      }
    });
  }

  it('exits with 126 if the program is not executable or a directory, also under sudo', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const file = path.join(directory, 'text');
    writeFileSync(file, 'text\n');
    try {
      for (const program of [file, directory])
        for (const env of [{}, {SUDO_UID: '1'}]) {
          const {status, stderr} = trace([program], [], env);
          assert.equal(status, 126);
          assert.ok(stderr.includes(`tcptrace: cannot run "${program}": not executable\n`), stderr);
          assert.doesNotMatch(stderr, /setpriv/);
        }
    } finally {
      rmSync(directory, {recursive: true});
    }
  });

  it('does not run the command if SUDO_UID is invalid', () => {
    const {status, stderr} = trace(['true'], [], {SUDO_UID: 'somebody'});
    assert.equal(status, 1);
    assert.match(stderr, /^tcptrace: SUDO_UID: not an id: "somebody"; --as-root runs the command as root$/m);
  });

  it('does not run the command after an early signal', async () => {
    const child = spawn(process.execPath, [CLI, 'watch', '--', '/nowhere/at/all'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const closed = once(child, 'close');
    // the first BPF object: loading is not over
    await until(() => countBpfDescriptors(child.pid) > 0, 'a BPF object');
    child.kill('SIGINT');
    assert.deepEqual((await closed)[0], 130);
    assert.doesNotMatch(stderr, /cannot run/);
  });

  it('passes its signals to the command', async () => {
    const script = 'setInterval(() => {}, 1e6); console.error("sleeping")';
    await using tracer = await Tracer.start(['--', process.execPath, '-e', script]);
    await tracer.waitFor(() => tracer.stderr.includes('sleeping'), 'the command');
    assert.equal((await tracer.stop('SIGTERM')).code, 143);
  });

  it('--duration terminates the command and its descendants, and exits with 124', () => {
    // returns when stderr, which the descendants share, is closed
    const {status, stderr} = trace(['sh', '-c', 'sleep 30; echo next'], ['--duration', '1s']);
    assert.equal(status, 124, stderr);
    assert.match(stderr, /^tcptrace: the command was terminated after --duration$/m);
    assert.doesNotMatch(stderr, /^next$|left/m);
  });

  it('--duration traces the command until it has exited', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const connect = `exec 3<>/dev/tcp/127.0.0.1/${String(listener.port)}`;
    const {status, events} = trace(['bash', '-c', `${connect}; sleep 30`], ['--duration', '1s']);
    assert.deepEqual([status, kinds(events)], [124, ['connect', 'close']]);
  });

  it('--duration kills a command that ignores SIGTERM', () => {
    const {status} = trace(['sh', '-c', 'trap "" TERM; sleep 30'], ['--duration', '500ms']);
    assert.equal(status, 124);
  });

  it('--duration: a command that exits in time has its own exit code', () => {
    const {status, stderr} = trace(['sh', '-c', 'exit 3'], ['--duration', '1h']);
    assert.equal(status, 3);
    assert.doesNotMatch(stderr, /terminated/);
  });

  it('on a full disk stops tracing immediately, but still waits for the command and passes signals', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const script = `process.on('SIGTERM', () => { console.error('told'); process.exit(7); });
      setInterval(() => {}, 1e6); require('net').connect(${String(listener.port)}, '127.0.0.1');`;
    await using tracer = await Tracer.start(['--output', '/dev/full', '--', process.execPath, '-e', script]);
    await tracer.waitFor(
      () => tracer.stderr.includes('cannot write /dev/full: no space left'),
      'the failure',
    );
    const {code, stderr} = await tracer.stop('SIGTERM');
    assert.match(stderr, /^told$/m);
    assert.doesNotMatch(stderr, /garbage|unexpected/);
    assert.equal(code, 1);
  });

  it('reports the close of a connection when the command is killed', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const script = `require('net').connect(${String(listener.port)}, '127.0.0.1', () => process.kill(process.pid, 'SIGKILL'))`;
    const {events} = trace([process.execPath, '-e', script]);
    assert.deepEqual(kinds(events), ['connect', 'close']);
  });

  it('runs the command as the user of sudo, unless --as-root is given', function () {
    if (!existsSync('/usr/bin/setpriv')) skip(this, 'no setpriv(1)');
    const nobody = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('nobody:'));
    assert.ok(nobody !== undefined);
    const [, , uid = '', gid = '', , home = ''] = nobody.split(':');
    const script =
      'console.log(JSON.stringify([process.getuid(), process.getgid(), process.getgroups(), process.env.HOME, process.env.SUDO_UID]))';
    const sudo = {SUDO_UID: uid, SUDO_GID: gid};
    const idsOf = ({stderr}: {stderr: string}) =>
      JSON.parse(stderr.split('\n').find((line) => line.startsWith('[')) ?? 'null') as unknown[];
    const asUser = idsOf(trace([process.execPath, '-e', script], [], sudo));
    assert.deepEqual(asUser, [Number(uid), Number(gid), [Number(gid)], home, null]);
    const inGroup = idsOf(trace([process.execPath, '-e', script], [], {...sudo, SUDO_GID: '1'}));
    assert.equal(inGroup[1], 1);
    const asRoot = idsOf(trace([process.execPath, '-e', script], ['--as-root'], sudo));
    assert.deepEqual([asRoot[0], asRoot[1], asRoot[4]], [0, 0, uid]);
  });
});

suite('--pid --follow', (stage) => {
  it('traces descendants forked before and during the trace, and no others', async () => {
    await using old = await stage.actor.fork();
    await using stranger = await Actor.start();
    await using tracer = await Tracer.start(['--pid', String(stage.actor.pid), '--follow']);
    await using young = await old.fork();
    const pairs = [
      await connectPair(stage.actor, '127.0.0.1'),
      await connectPair(old, '127.0.0.1'),
      await connectPair(young, '127.0.0.1'),
    ];
    const other = await connectPair(stranger, '127.0.0.1');
    for (const {client: mine, server} of [...pairs, other]) {
      await mine.close();
      await server.close();
    }
    const {events} = await tracer.stop();
    for (const {client: mine, server} of pairs) {
      assert.deepEqual(kinds(eventsOf(events, mine)), ['connect', 'close']);
      assert.deepEqual(kinds(eventsOf(events, server)), ['accept', 'close']);
    }
    assert.equal(events.length, 12);
  });

  it('exits when all followed processes have exited', async () => {
    await using one = await Actor.start();
    await using two = await Actor.start();
    await using tracer = await Tracer.start(['--pid', `${String(one.pid)},${String(two.pid)}`, '--follow']);
    await one.exit();
    const {client, server} = await connectPair(two, '127.0.0.1');
    await tracer.waitFor(() => tracer.events.length === 2, 'the events of the other');
    await two.exit();
    const {events, code} = await tracer.ended();
    assert.equal(code, 0);
    assert.deepEqual(kinds(eventsOf(events, client, server)), ['connect', 'accept', 'close', 'close']);
  });
});
