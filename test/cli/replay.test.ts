/** `tcptrace replay`: filters and limits of time. */
import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import Replay from '#dist/commands/replay.js';
import {EVENTS, type Name, parse, writeRecording} from './recording.js';
import {assertRefused, tcptrace} from './run.js';

describe('replay', function () {
  this.timeout(60_000);
  let directory: string;
  let file: string;

  before(() => {
    ({directory, file} = writeRecording());
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  function replay(...flags: string[]): Name[] {
    const lines = parse(tcptrace(['replay', file, '--ndjson', ...flags])).split('\n');
    const names = Object.keys(EVENTS) as Name[];
    return lines
      .filter((text) => text !== '')
      .map((text) => names[(JSON.parse(text) as {inode: number}).inode] as Name);
  }

  const selections: readonly (readonly [flags: string, wanted: readonly Name[]])[] = [
    ['--pid 1', ['web', 'six']],
    ['--not-pid 1', ['mapped', 'nobody']],
    ['--comm c*l,p?thon3', ['web', 'mapped', 'six']],
    ['--not-comm curl', ['mapped', 'nobody']],
    ['--uid 1000 -u 5', ['mapped']],
    ['--user root', ['web', 'six']],
    ['--not-user 0', ['mapped', 'nobody']],
    ['--port 80,22', ['web', 'six', 'nobody']],
    ['-P 8000-8100', ['mapped']],
    ['--not-port 1-100', ['mapped']],
    ['--lport 40000-40001', ['web', 'mapped']],
    ['--rport 8080,50000', ['mapped', 'six']],
    ['--not-rport 80', ['mapped', 'six']],
    ['--addr 10.1.0.0/16', ['mapped']],
    ['--raddr 10.1.2.4,2001:db8::/32', ['mapped', 'six']],
    ['--laddr fd00::/8 --laddr 10.1.2.3/32', ['mapped', 'six']],
    ['--not-addr 0.0.0.0/0', ['six']],
    ['--no-loopback', ['mapped', 'six']],
    ['--netns 4026531999', ['six']],
    ['--netns /proc/self/ns/net', ['web', 'mapped', 'nobody']],
    [`--not-netns ${String(process.pid)}`, ['six']],
    ['-4 --event connect', ['web', 'mapped']],
    ['-6', ['six']],
    ['--event close -e accept', ['six', 'nobody']],
    ['--port 80 --comm curl', ['web']],
    ['--port 80 --not-comm curl', ['nobody']],
    ['--count 2', ['web', 'mapped']],
    ['--speed 1000', ['web', 'mapped', 'six', 'nobody']],
    ['--pid 3', []],
    ['--not-uid 0', ['mapped', 'nobody']],
    ['--not-lport 22,40002', ['web', 'mapped']],
    ['--not-laddr 127.0.0.0/8', ['mapped', 'six']],
    ['--not-raddr 2001:db8::/32 --not-raddr 10.1.2.4', ['web', 'nobody']],
    ['--cgroup /system.slice', ['mapped']],
    ['--not-cgroup /system.slice/docker-c0ffee.scope/', ['web', 'six', 'nobody']],
    ['--container web-*', ['mapped']],
    ['--container c0f,none', ['mapped']],
    ['--not-container web-?', ['web', 'six', 'nobody']],
    ['--pod web-*', ['mapped']],
    ['--not-pod web-????', ['web', 'six', 'nobody']],
    ['--pod-namespace shop', ['mapped']],
    ['--not-pod-namespace s*', ['web', 'six', 'nobody']],
    ['--not-event connect,lost', ['six', 'nobody']],
    ['--since 2026-11-23T12:00:02Z --until 2100-01-01', ['six', 'nobody']],
    ['--ipv4 --ipv6', ['web', 'mapped', 'six', 'nobody']],
  ];
  for (const [flags, wanted] of selections) {
    it(flags, () => {
      assert.deepEqual(replay(...flags.split(' ')), wanted);
    });
  }

  it('tests every filter flag', () => {
    const used = selections.flatMap(([flags]) => flags.match(/(?<=--)[\w-]+/g) ?? []);
    const filters = Object.entries(Replay.flags).filter(([, {helpGroup}]) => helpGroup === 'filter');
    assert.deepEqual(
      filters.map(([name]) => name).filter((name) => !used.includes(name)),
      [],
    );
  });

  for (const [flags, wanted] of [
    ['--since 2026-11-23T12:00:01Z', ['mapped', 'six', 'nobody']],
    ['--until 2026-11-23T13:00:01+01:00', ['web', 'mapped']],
    ['--since 2026-11-23T12:00:00.5Z --until 2026-11-23T12:00:02.000000000Z', ['mapped', 'six']],
    ['--since -4h --until -6h', []],
    ['--first 1', ['web']],
    ['--last 2', ['six', 'nobody']],
    ['--last 10 --port 80', ['web', 'nobody']],
  ] as const)
    it(flags, () => {
      assert.deepEqual(replay(...flags.split(' ')), wanted);
    });

  it('rejects an invalid time, and limits that cannot be combined', () => {
    const hint = 'use a time such as 2026-11-28T10:00:00Z, "today 10:00" or -10m';
    const invalid = `--since: invalid value "soon"; ${hint}`;
    assertRefused(tcptrace(['replay', file, '--since', 'soon']), 2, invalid);
    const combined = '--first and --last cannot be combined; give one of them';
    assertRefused(tcptrace(['replay', file, '--first', '1', '--last', '1']), 2, combined);
  });
});
