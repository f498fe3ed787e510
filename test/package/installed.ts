/** Runs an installed tcptrace in a root directory, and checks that it works. */
import assert from 'node:assert/strict';
import {spawn, type SpawnSyncOptions} from 'node:child_process';
import {once} from 'node:events';
import {run} from '../cli/run.js';
import {Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {onLines} from '../helpers/lines.js';
import {connectPair} from '../helpers/pair.js';
import {untilReady} from '../helpers/ready.js';
import type {TraceEvent} from '../helpers/tracer.js';

export type CommandLine = readonly [string, ...string[]];

/** Runs a command and returns its stdout; its exit status must be 0. */
export function stdoutOf([program, ...args]: CommandLine, options: SpawnSyncOptions = {}): string {
  const {status, stdout, stderr} = run(program, args, options);
  assert.equal(status, 0, stderr || stdout);
  return stdout;
}

const ENTER = `for name in dev proc sys; do mount --rbind "/$name" "$0/$name" || exit; done
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$(command -v chroot)" "$0" "$@"`;

/** Returns the command that runs a program in a root directory, with this machine's /dev, /proc and /sys. */
export function inside(root: string, ...words: readonly string[]): CommandLine {
  return ['unshare', '--mount', 'sh', '-c', ENTER, root, ...words];
}

/** Checks that `doctor` succeeds and finds a probe. @param tcptrace the command that runs it */
export function checkDoctor(tcptrace: CommandLine): void {
  const {probe} = JSON.parse(stdoutOf([...tcptrace, 'doctor', '--json'])) as {probe: unknown};
  assert.notEqual(probe, null);
}

/** Checks that `watch` reports all events of a connection. @param tcptrace the command that runs it */
export async function checkWatch([program, ...args]: CommandLine): Promise<void> {
  await using actor = await Actor.start();
  await using tracer = reaped(spawn(program, [...args, 'watch', '--ndjson', '--pid', String(actor.pid)]));
  const events: TraceEvent[] = [];
  onLines(tracer.stdout, (line) => {
    events.push(JSON.parse(line) as TraceEvent);
  });
  const end = once(tracer, 'close');
  await untilReady(tracer.stderr);
  const {client, server} = await connectPair(actor, '127.0.0.1');
  await client.close();
  await server.close();
  tracer.kill('SIGINT');
  assert.deepEqual(await end, [0, null]);
  const seen = events.map(({event, inode}) => [event, inode]);
  const expected = [
    ['connect', client.inode],
    ['accept', server.inode],
    ['close', client.inode],
    ['close', server.inode],
  ];
  assert.deepEqual(seen.sort(), expected.sort());
}
