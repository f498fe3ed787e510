/** tcptrace on a host with very many open connections. */
import assert from 'node:assert/strict';
import {readdirSync, readlinkSync} from 'node:fs';
import {Actor} from '../helpers/actor.js';
import {run} from '../cli/run.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {assertPair} from '../helpers/expect.js';
import {faults} from '../helpers/runs.js';
import {suite} from '../helpers/suite.js';
import {CLI, Tracer, WATCH} from '../helpers/tracer.js';

const PAIRS = faults(12_000, 102_000);
/** Each actor holds both sockets of its share, below a hard limit of 20,000 descriptors. */
const ACTORS = 12;

function socketsOf(pid: number): number[] {
  const directory = `/proc/${String(pid)}/fd`;
  const links = readdirSync(directory).map((fd) => readlinkSync(`${directory}/${fd}`));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []).map(Number);
}

suite(`${String(PAIRS)} connections open at once`, (stage) => {
  const actors: Actor[] = [];
  const inodes = new Set<number>();

  before(async () => {
    for (let i = 0; i < ACTORS; i++) {
      const actor = await Actor.start();
      actors.push(actor);
      const share = PAIRS / ACTORS;
      const address = `127.0.1.${String(i + 1)}`;
      await actor.do('nofile', 2 * share + 16);
      const listener = await actor.listen(address);
      const others = new Set(socketsOf(actor.pid));
      await actor.do('hold', listener.fd, share, address, listener.port);
      for (const inode of socketsOf(actor.pid)) if (!others.has(inode)) inodes.add(inode);
    }
  });
  after(async () => {
    for (const actor of actors) await actor[Symbol.asyncDispose]();
  });

  const ofActors = (): string => actors.map(({pid}) => String(pid)).join();

  /** Runs tcptrace and prints the time it took. */
  function timed(...args: string[]): string {
    const begin = performance.now();
    const options = {timeout: 300_000, maxBuffer: 1 << 28};
    const {status, stdout, stderr} = run(process.execPath, [CLI, ...args], options);
    console.log(`      ${args.join(' ').slice(0, 60)}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  function readInodes(stdout: string): Set<number> {
    const lines = stdout.trimEnd().split('\n');
    return new Set(lines.map((line) => (JSON.parse(line) as {inode: number}).inode));
  }

  it('list shows every socket, with eBPF and with /proc', () => {
    for (const flags of [[], ['--proc']]) {
      const listed = readInodes(timed('list', '--ndjson', '--pid', ofActors(), ...flags));
      assert.deepEqual(listed, inodes);
    }
  }).timeout(600_000);

  it('watch --event open reports every socket and loses none', () => {
    const events = timed(...WATCH, '--event', 'open', '--pid', ofActors(), '--duration', '1s');
    assert.deepEqual(readInodes(events), inodes);
  }).timeout(600_000);

  it('watch reports new connections', async () => {
    await using tracer = await Tracer.start();
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    assertPair(await tracer.settled(), pair);
  });

  it('compare counts them as preexisting, and none as missed', () => {
    const flags = ['--json', '--duration', '3s', '--pid', ofActors()];
    const {apart, ways} = JSON.parse(timed('compare', ...flags)) as {
      apart: unknown;
      ways: {lost?: number; missed: number}[];
    };
    assert.deepEqual(apart, {began_before: 2 * PAIRS, ended_after: 0});
    assert.deepEqual(
      ways.map(({lost = 0, missed}) => [lost, missed]),
      [
        [0, 0],
        [0, 0],
      ],
    );
  }).timeout(600_000);
});
