/** A recording of four different events, for tests of `tcptrace replay`. */
import assert from 'node:assert/strict';
import {mkdtempSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Result} from './run.js';

const OWN_NETNS = statSync('/proc/self/ns/net').ino;

/** Differences of each event from the first, by name. */
export const EVENTS = {
  web: {},
  mapped: {
    pid: 2,
    comm: 'python3',
    uid: 1000,
    laddr: '10.1.2.3',
    lport: 40_001,
    raddr: '10.1.2.4',
    rport: 8080,
    cgroup: '/system.slice/docker-c0ffee.scope',
    container: 'c0ffee',
    container_name: 'web-1',
    pod: 'web-7f9c',
    pod_namespace: 'shop',
  },
  six: {
    family: 6,
    laddr: 'fd00::1',
    lport: 22,
    raddr: '2001:db8::7',
    rport: 50_000,
    netns: 4_026_531_999,
    event: 'accept',
  },
  nobody: {pid: undefined, comm: undefined, uid: undefined, lport: 40_002, event: 'close'},
};

export type Name = keyof typeof EVENTS;

/** Returns one event of a recording, without its line feed. */
export function line(name: Name, second: number): string {
  return JSON.stringify({
    time: `2026-11-23T12:00:0${String(second)}.000000000Z`,
    event: 'connect',
    source: 'kprobe',
    pid: 1,
    comm: 'curl',
    uid: 0,
    family: 4,
    laddr: '127.0.0.1',
    lport: 40_000,
    raddr: '127.0.0.1',
    rport: 80,
    netns: OWN_NETNS,
    inode: Object.keys(EVENTS).indexOf(name),
    direction: 'out',
    ...EVENTS[name],
  });
}

/** Writes the recording into a new directory. */
export function writeRecording(): {readonly directory: string; readonly file: string} {
  const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  const file = path.join(directory, 'some.ndjson');
  const names = Object.keys(EVENTS) as Name[];
  writeFileSync(file, names.map((name, index) => `${line(name, index)}\n`).join(''));
  return {directory, file};
}

/** Returns the output of a run that succeeded without a message. */
export function parse({status, stdout, stderr}: Result): string {
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}
