/** Updates of the connections of real programs, which count their bytes themselves. */
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {type Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {hasProgram} from '../helpers/machine.js';
import {freePort} from '../helpers/pair.js';
import {readSs, type SsNumbers} from '../helpers/ss-numbers.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';
import {assertOrder, EVERY, pick} from '../helpers/updates.js';

const run = promisify(execFile);

/** The events of the socket with these ports. */
function eventsOfPorts(events: readonly TraceEvent[], lport: number, rport: number): readonly TraceEvent[] {
  return events.filter((event) => event.lport === lport && event.rport === rport);
}

/** Returns tx_bytes and rx_bytes of the close of a connection that ends well, and checks all its events. */
function totals(events: readonly TraceEvent[], lport: number, rport: number): readonly number[] {
  const of = eventsOfPorts(events, lport, rport);
  assertOrder(of);
  const close = of.at(-1);
  assert.equal(close?.event, 'close');
  return pick(close, 'tx_bytes', 'rx_bytes').map(Number);
}

function updatesOfPorts(events: readonly TraceEvent[], lport: number, rport: number): readonly TraceEvent[] {
  return eventsOfPorts(events, lport, rport).filter(({event}) => event === 'update');
}

/** Returns the state of a process, such as T if it is stopped (proc_pid_stat(5)). */
function stateOf(pid = 0): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'))?.[1];
}

/** Returns the numbers of a connection once all that was sent is acknowledged. */
async function drained(lport: number, rport: number): Promise<SsNumbers> {
  const ends = {local: {address: '', port: lport}, remote: {address: '', port: rport}};
  await until(() => readSs(ends).sendQueue === 0, 'acknowledgment');
  return readSs(ends);
}

async function untilListening(port: number): Promise<void> {
  await until(
    async () => (await run('ss', ['-Htln', 'sport', '=', `:${String(port)}`])).stdout !== '',
    `a listener at port ${String(port)}`,
  );
}

interface IperfReport {
  readonly start: {readonly connected: readonly {readonly local_port: number}[]};
  readonly end: {
    readonly streams: readonly {
      readonly sender: {readonly bytes: number; readonly retransmits: number};
      readonly receiver: {readonly bytes: number};
    }[];
  };
}

async function runIperf(port: number, flags: readonly string[]): Promise<IperfReport> {
  await using server = reaped(
    spawn('iperf3', ['-s', '-1', '-p', String(port)], {stdio: ['ignore', 'ignore', 'inherit']}),
  );
  await untilListening(port);
  const {stdout} = await run('iperf3', ['-c', '127.0.0.1', '-p', String(port), '-J', ...flags]);
  await until(() => server.exitCode !== null, 'the exit of iperf3');
  return JSON.parse(stdout) as IperfReport;
}

/** Bytes that the client of iperf3 sends first on each connection (COOKIE_SIZE). */
const COOKIE = 37;

interface Nginx extends AsyncDisposable {
  readonly port: number;
  /** Returns the logged requests: port of the client, number on the connection, bytes of request and response. */
  readonly requests: () => readonly (readonly number[])[];
}

async function startNginx(actor: Actor, files: Readonly<Record<string, number>>): Promise<Nginx> {
  const root = mkdtempSync(path.join(tmpdir(), 'tcptrace-nginx-'));
  for (const [name, size] of Object.entries(files)) {
    writeFileSync(path.join(root, name), '');
    truncateSync(path.join(root, name), size);
  }
  const port = await freePort(actor, '127.0.0.1');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${root}/${name};`,
  );
  const config = `daemon off; master_process off; pid ${root}/pid; error_log stderr; events {}
    http {
      ${temporary.join(' ')}
      log_format sizes '$remote_port $connection_requests $request_length $bytes_sent';
      access_log ${root}/log sizes;
      keepalive_timeout 60s;
      server { listen 127.0.0.1:${String(port)}; root ${root}; }
    }`;
  writeFileSync(path.join(root, 'config'), config);
  const child = reaped(
    spawn('nginx', ['-c', path.join(root, 'config')], {stdio: ['ignore', 'ignore', 'ignore']}),
  );
  await untilListening(port);
  return {
    port,
    requests: () =>
      readFileSync(path.join(root, 'log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number)),
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      rmSync(root, {recursive: true});
    },
  };
}

suite('updates of iperf3', (stage) => {
  before(function () {
    if (!hasProgram('iperf3')) skip(this, 'no iperf3');
  });

  for (const [title, flags] of [
    ['client sends', []],
    ['server sends', ['-R']],
    ['three streams', ['-P', '3']],
    ['three streams, server sends', ['-P', '3', '-R']],
  ] as const)
    it(`bytes as iperf3 counts them: ${title}`, async () => {
      const port = await freePort(stage.actor, '127.0.0.1');
      await using tracer = await Tracer.start(EVERY);
      const {start, end} = await runIperf(port, ['-t', '1', ...flags]);
      const events = await tracer.settled();
      const isReverse = (flags as readonly string[]).includes('-R');
      assert.equal(start.connected.length, flags.some((flag) => flag === '-P') ? 3 : 1);
      for (const [index, {local_port: local}] of start.connected.entries()) {
        const {sender, receiver} = end.streams[index] ?? assert.fail('no such stream');
        const client = totals(events, local, port);
        const server = totals(events, port, local);
        const [[tx = NaN, back], [sentBack, rx = NaN]] = isReverse ? [server, client] : [client, server];
        const cookie = isReverse ? 0 : COOKIE;
        assert.equal(tx, sender.bytes + cookie);
        assert.deepEqual([back, sentBack], isReverse ? [COOKIE, COOKIE] : [0, 0]);
        // iperf3 may close before it has read everything
        assert(rx >= receiver.bytes + cookie && rx <= tx, `${String(rx)} of ${String(tx)}`);
        for (const of of [eventsOfPorts(events, local, port), eventsOfPorts(events, port, local)])
          assert(of.filter(({event}) => event === 'update').length > 3, 'updates during a second');
      }
    });

  it('the last update has the bytes of the close, as ss counts them', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    await using tracer = await Tracer.start([...EVERY, '--port', String(port)]);
    await using server = reaped(spawn('iperf3', ['-s', '-1', '-p', String(port)], {stdio: 'ignore'}));
    await untilListening(port);
    assert.equal(server.exitCode, null);
    const words = ['-c', '127.0.0.1', '-p', String(port), '-t', '30'];
    await using client = reaped(spawn('iperf3', words, {stdio: 'ignore'}));
    const isData = ({event, tx_bytes}: TraceEvent): boolean =>
      event === 'update' && Number(tx_bytes) > 1_000_000;
    await tracer.waitFor(() => tracer.events.some(isData), 'data');
    client.kill('SIGSTOP');
    await until(() => stateOf(client.pid) === 'T', 'the stop of iperf3');
    const local = Number(tracer.events.find(isData)?.lport);
    const ss = await drained(local, port);
    const sent = ss.value('bytes_sent') - (ss.value('bytes_retrans') || 0);
    const last = (lport: number, rport: number): readonly unknown[] =>
      pick(updatesOfPorts(tracer.events, lport, rport).at(-1), 'tx_bytes', 'rx_bytes');
    await tracer.waitFor(() => last(local, port)[0] === sent && last(port, local)[1] === sent, 'all bytes');
    client.kill('SIGKILL');
    const isClosed = (lport: number, rport: number): boolean =>
      eventsOfPorts(tracer.events, lport, rport).at(-1)?.event === 'close';
    await tracer.waitFor(() => isClosed(local, port) && isClosed(port, local), 'both closes');
    for (const [lport, rport, bytes] of [
      [local, port, [sent, 0]],
      [port, local, [0, sent]],
    ] as const) {
      assert.deepEqual(last(lport, rport), bytes);
      assert.deepEqual(totals(tracer.events, lport, rport), bytes);
    }
  });
});

/** Sum of some columns of the log. */
function sum(rows: readonly (readonly number[])[], column: number): number {
  return rows.reduce((total, row) => total + (row[column] ?? NaN), 0);
}

suite('updates of nginx', (stage) => {
  before(function () {
    for (const program of ['nginx', 'curl']) if (!hasProgram(program)) skip(this, `no ${program}`);
  });

  it('bytes of a slow download over a connection that is kept alive, as nginx and curl count them', async () => {
    await using nginx = await startNginx(stage.actor, {big: 20_000_000, small: 1000});
    const url = `http://127.0.0.1:${String(nginx.port)}`;
    // curl holds the connection to nginx while it waits for this server
    const silent = await stage.actor.listen('127.0.0.1');
    await using tracer = await Tracer.start(EVERY);
    const format = '%{local_port} %{size_request} %{size_header} %{size_download} %{num_connects}\n';
    const words = ['-s', '--limit-rate', '15M', '-w', format];
    const files = ['big', 'small'].flatMap((name) => ['-o', '/dev/null', `${url}/${name}`]);
    const curl = run('curl', [...words, ...files, '--next', '-s', `http://127.0.0.1:${String(silent.port)}`]);
    const ended = curl.then(
      () => assert.fail('the silent server does not answer'),
      (error: unknown) => (error as {readonly stdout: string}).stdout,
    );
    const waiting = await silent.accept();
    const isLast = (event: TraceEvent): boolean =>
      event.event === 'update' && event.lport === nginx.port && sum(nginx.requests(), 3) === event.tx_bytes;
    await tracer.waitFor(() => tracer.events.some(isLast), 'all bytes');
    const rport = Number(tracer.events.find(isLast)?.rport);
    await tracer.waitFor(
      () => eventsOfPorts(tracer.events, rport, nginx.port).at(-1)?.rx_bytes === sum(nginx.requests(), 3),
      'the same at the client',
    );
    await waiting.close();
    const rows = (await ended)
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    const events = await tracer.settled();
    const sizes = [sum(rows, 1), sum(rows, 2) + sum(rows, 3)];
    assert.deepEqual([rows.length, sum(rows, 4), rows[0]?.[0]], [2, 1, rport]);
    assert.deepEqual(totals(events, rport, nginx.port), sizes);
    assert.deepEqual(totals(events, nginx.port, rport), sizes.toReversed());
    assert.deepEqual(sizes, [sum(nginx.requests(), 2), sum(nginx.requests(), 3)]);
    for (const of of [eventsOfPorts(events, rport, nginx.port), eventsOfPorts(events, nginx.port, rport)]) {
      const updates = of.filter(({event}) => event === 'update');
      assert(updates.length > 1, 'updates during the download');
      const last = updates.findLast(({state}) => state === 'established');
      assert.deepEqual(pick(last, 'tx_bytes', 'rx_bytes'), pick(of.at(-1), 'tx_bytes', 'rx_bytes'));
    }
  });
});
