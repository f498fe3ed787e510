/** `tcptrace replay`: filters and output formats. */
import assert from 'node:assert/strict';
import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import Replay from '#dist/commands/replay.js';
import {assertRefused, type Result, shell, tcptrace} from './run.js';

const OWN_NETNS = statSync('/proc/self/ns/net').ino;

/** Differences of each event from the first, by name. */
const EVENTS = {
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

type Name = keyof typeof EVENTS;

function line(name: Name, second: number): string {
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

describe('replay', function () {
  this.timeout(60_000);
  let directory: string;
  let file: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    file = path.join(directory, 'some.ndjson');
    const names = Object.keys(EVENTS) as Name[];
    writeFileSync(file, names.map((name, index) => `${line(name, index)}\n`).join(''));
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  function parse({status, stdout, stderr}: Result): string {
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  }

  function replay(...flags: string[]): Name[] {
    const lines = parse(tcptrace(['replay', file, '--ndjson', ...flags])).split('\n');
    const names = Object.keys(EVENTS) as Name[];
    return lines
      .filter((text) => text !== '')
      .map((text) => names[(JSON.parse(text) as {inode: number}).inode] as Name);
  }

  it('without filters: reproduces the recording byte by byte', () => {
    assert.equal(parse(tcptrace(['replay', file, '--ndjson'])), readFileSync(file, 'utf8'));
  });

  it('prints a table', () => {
    const [header = '', ...rows] = parse(tcptrace(['replay', file]))
      .trimEnd()
      .split('\n');
    assert.match(header, /^TIME +EVENT +PID +UID +COMM/);
    assert.equal(rows.length, 4 + rows.filter((row) => row.startsWith('TIME')).length);
  });

  it('--wide: also shows recorded names', () => {
    const rows = parse(tcptrace(['replay', file, '--wide'])).split('\n');
    const lastTen = (text: string) =>
      rows
        .find((row) => row.includes(text))
        ?.trim()
        .split(/ +/)
        .slice(-10);
    const titles = 'USER HOST SERVICE CONTAINER CONTAINER-PATH CONTAINER-NAME POD POD-NAMESPACE CGROUP ARGS';
    assert.deepEqual(lastTen('TIME'), titles.split(' '));
    const names = '- - - c0ffee - web-1 web-7f9c shop /system.slice/docker-c0ffee.scope -';
    assert.deepEqual(lastTen('python3'), names.split(' '));
  });

  for (const [style, times] of [
    ['relative', ['+0.000000', '+1.000000', '+2.000000', '+3.000000']],
    ['delta', ['+0.000000', '+1.000000', '+1.000000', '+1.000000']],
  ] as const)
    it(`--time ${style}`, () => {
      const [, ...rows] = parse(tcptrace(['replay', file, '--time', style]))
        .trimEnd()
        .split('\n');
      assert.deepEqual(
        rows.map((row) => row.trim().split(' ')[0]),
        times,
      );
    });

  it('--columns: prints each column once', () => {
    const [header] = parse(tcptrace(['replay', file, '--columns', 'pid,PID', '--columns', 'pid,comm'])).split(
      '\n',
    );
    assert.deepEqual(header?.trim().split(/ +/), ['PID', 'COMM']);
  });

  it('--output, --rotate: files end with complete lines and lose none', () => {
    const large = path.join(directory, 'large.ndjson');
    writeFileSync(large, `${line('web', 0)}\n`.repeat(2000));
    const output = path.join(directory, 'copy');
    parse(tcptrace(['replay', large, '--ndjson', '--output', output, '--rotate', '100K']));
    const parts = readdirSync(directory).filter((name) => /^copy\.\d+$/.test(name));
    assert.ok(parts.length > 1);
    const texts = [...parts.sort(), 'copy'].map((name) => readFileSync(path.join(directory, name), 'utf8'));
    for (const text of texts) assert.match(text, /\n$/);
    assert.equal(texts.join(''), readFileSync(large, 'utf8'));
  });

  for (const format of ['csv', 'table'])
    it(`--rotate: each file has one header, -o ${format}`, () => {
      const large = path.join(directory, 'large.ndjson');
      writeFileSync(large, `${line('web', 0)}\n`.repeat(2000));
      const output = path.join(directory, `rotated-${format}`);
      parse(tcptrace(['replay', large, '-o', format, '--output', output, '--rotate', '50K']));
      const names = readdirSync(directory).filter((name) => name.startsWith(`rotated-${format}`));
      assert.ok(names.length > 2);
      const files = names.map((name) =>
        readFileSync(path.join(directory, name), 'utf8').trimEnd().split('\n'),
      );
      assert.equal(files.flat().length, 2000 + files.length);
      for (const [header = '', ...rows] of files) {
        assert.match(header, /^time\b/i);
        assert.ok(rows.every((row) => /^\d/.test(row)));
      }
    });

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

  it('reads stdin; reports invalid lines; --strict rejects them', () => {
    const broken = path.join(directory, 'broken.ndjson');
    writeFileSync(broken, `{\n${readFileSync(file, 'utf8')}`);
    const {stdout, stderr, status} = shell(`tcptrace replay - --ndjson <'${broken}'`);
    assert.deepEqual(
      [stdout, stderr, status],
      [readFileSync(file, 'utf8'), 'tcptrace: -:1: not an event, skipped\n', 0],
    );
    assertRefused(
      tcptrace(['replay', broken, '--strict']),
      1,
      `${broken}:1: not an event; leave out --strict to skip such lines`,
    );
    assertRefused(tcptrace(['replay', '/nowhere']), 1, 'cannot read /nowhere: no such file or directory');
  });

  it('fails without any valid line; accepts an empty recording', () => {
    const [listing, packed] = [path.join(directory, 'listing'), path.join(directory, 'packed.gz')];
    writeFileSync(listing, 'one\ntwo\nthree\n');
    writeFileSync(packed, gzipSync(readFileSync(file)));
    const complaint = `${listing}: no line is an event`;
    for (const args of [
      ['replay', listing, '--port', '80'],
      ['compare', file, listing],
    ]) {
      const {status, stdout, stderr} = tcptrace(args);
      const lines = `tcptrace: ${listing}:1: not an event, skipped\ntcptrace: ${complaint}\n`;
      assert.deepEqual([status, stdout, stderr], [1, '', lines]);
    }
    assert.deepEqual(tcptrace(['replay', '/dev/null']), {status: 0, stdout: '', stderr: ''});
    for (const script of [`tcptrace replay --ndjson '${packed}'`, `tcptrace replay --ndjson - <'${packed}'`])
      assert.deepEqual(shell(script), {status: 0, stdout: readFileSync(file, 'utf8'), stderr: ''});
  });

  it('reports at most one invalid line before the first event and ten in all, then their number', () => {
    const mixed = path.join(directory, 'mixed');
    const text = readFileSync(file, 'utf8');
    const told = (recording: string): number => {
      writeFileSync(mixed, recording);
      return tcptrace(['replay', mixed]).stderr.trimEnd().split('\n').length;
    };
    assert.deepEqual([told(`${'x\n'.repeat(5)}${text}`), told(`${text}${'x\n'.repeat(20)}`)], [2, 11]);
    assert.match(tcptrace(['replay', mixed]).stderr, /mixed: 20 lines are not events, skipped\n$/);
  });

  it('--output: refuses to overwrite the recording, under any name', () => {
    const own = path.join(directory, 'own');
    const link = path.join(directory, 'link');
    const symlink = path.join(directory, 'symlink');
    const text = readFileSync(file, 'utf8');
    writeFileSync(own, text);
    linkSync(own, link);
    symlinkSync(own, symlink);
    const complaint = (name: string): string =>
      `--output: ${name} is the recording itself; name another file`;
    for (const [recording, output] of [
      [own, own],
      [own, link],
      [symlink, own],
      [own, symlink],
    ] as const)
      assertRefused(tcptrace(['replay', recording, '--output', output]), 2, complaint(output));
    assertRefused(tcptrace(['replay', own, '--output', own, '--rotate', '1M']), 2, complaint(own));
    assertRefused(shell(`tcptrace replay - --output '${own}' <'${own}'`), 2, complaint(own));
    assertRefused(
      shell(`tcptrace replay --ndjson '${own}' >>'${own}'`),
      2,
      'stdout is the recording itself; write to another file',
    );
    assert.equal(readFileSync(own, 'utf8'), text);
  });

  it('--output: writes to an inherited descriptor at its current offset', () => {
    const copy = path.join(directory, 'copy of a descriptor');
    const text = readFileSync(file, 'utf8');
    const replay = `tcptrace replay --ndjson '${file}' --output`;
    const outputs = [
      `${replay} >(cat >'${copy}') && wait $!`,
      `${replay} /dev/fd/3 3>&1 >&2 | cat >'${copy}'`,
      `${replay} /dev/stdout >'${copy}'`,
      `${replay} /proc/self/fd/2 2>'${copy}'`,
    ];
    for (const script of outputs) {
      assert.deepEqual(shell(script), {status: 0, stdout: '', stderr: ''}, script);
      assert.equal(readFileSync(copy, 'utf8'), text, script);
    }
    const around = `{ echo before; ${replay} /dev/fd/3 3>&1; echo behind; } >'${copy}'`;
    assert.equal(shell(around).status, 0);
    assert.equal(readFileSync(copy, 'utf8'), `before\n${text}behind\n`);
    parse(shell(`${replay} >(true)`));
    assertRefused(shell(`${replay} /dev/fd/77`), 1, 'cannot write /dev/fd/77: bad file descriptor');
  });

  it('merges several recordings in order of time, compressed or not, one from stdin', () => {
    const lines = readFileSync(file, 'utf8').split(/(?<=\n)/);
    const [odd, even] = [path.join(directory, 'odd'), path.join(directory, 'even.gz')];
    writeFileSync(odd, lines.filter((_, index) => index % 2 === 1).join(''));
    writeFileSync(even, gzipSync(lines.filter((_, index) => index % 2 === 0).join('')));
    assert.equal(parse(tcptrace(['replay', '--ndjson', odd, even])), lines.join(''));
    assert.equal(parse(shell(`tcptrace replay --ndjson '${odd}' - <'${even}'`)), lines.join(''));
    assertRefused(
      tcptrace(['replay', odd, '/nowhere']),
      1,
      'cannot read /nowhere: no such file or directory',
    );
    assertRefused(tcptrace(['replay', '-', '-']), 2, 'stdin can be read only once; give - once');
    assertRefused(tcptrace(['replay', odd, '--evil']), 2, /^unknown flag: --evil/);
  });

  it('reads a pipe or a redirected file without a name, and nothing else', () => {
    const text = readFileSync(file, 'utf8');
    assert.equal(parse(shell(`cat '${file}' | tcptrace replay --ndjson`)), text);
    assert.equal(parse(shell(`tcptrace replay --ndjson <'${file}'`)), text);
    const complaint = 'no recording; name a file, or pipe one to tcptrace replay';
    for (const script of ['tcptrace replay </dev/null', 'tcptrace replay <&-'])
      assertRefused(shell(script), 2, complaint);
  });

  it('leaves stdin to others unless it is a recording', () => {
    const loop = (command: string): Result =>
      shell(`printf '%s\\n' 1 2 3 | while read n; do ${command} && echo $n; done`);
    const complete = {status: 0, stdout: '1\n2\n3\n', stderr: ''};
    assert.deepEqual(loop(`tcptrace replay --ndjson --pid 3 '${file}'`), complete);
    assert.deepEqual(loop(`tcptrace compare -q '${file}' '${file}' >/dev/null`), complete);
    const alone = 'one recording cannot be compared; give two recordings, or none';
    assertRefused(tcptrace(['compare', file]), 2, alone);
    assert.match(parse(shell(`tcptrace compare -q '${file}' <'${file}'`)), /\d/);
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

  it('--output appends, --truncate empties the file first', () => {
    const copy = path.join(directory, 'appended');
    const text = readFileSync(file, 'utf8');
    const write = (...flags: string[]): string => {
      parse(tcptrace(['replay', file, '--ndjson', '--output', copy, ...flags]));
      return readFileSync(copy, 'utf8');
    };
    assert.deepEqual([write(), write(), write('--truncate')], [text, text + text, text]);
    const full = 'cannot write /dev/full: no space left on device';
    assertRefused(tcptrace(['replay', file, '--output', '/dev/full']), 1, full);
  });

  it('--rotate, --keep, --compress: bounded files, which together are the end of the recording', () => {
    const large = path.join(directory, 'large.ndjson');
    const lines = Array.from(
      {length: 2000},
      (_, i) => `${line('web', i % 10).replace('40000', String(i + 1))}\n`,
    );
    writeFileSync(large, lines.join(''));
    const set = path.join(directory, 'set');
    const flags = ['--output', set, '--rotate', '50K,1d', '--keep', '3', '--compress'];
    parse(tcptrace(['replay', large, '--ndjson', ...flags]));
    const names = readdirSync(directory).filter((name) => name.startsWith('set'));
    const numbers = names.flatMap((name) => /^set\.(\d+)\.gz$/.exec(name)?.[1] ?? []).map(Number);
    assert.deepEqual([names.length, numbers.length], [4, 3]);
    const packed = numbers.sort((a, b) => a - b).map((number) => readFileSync(`${set}.${String(number)}.gz`));
    const texts = [...packed.map((bytes) => gunzipSync(bytes).toString()), readFileSync(set, 'utf8')];
    for (const text of texts) assert.match(text, /\n$/);
    assert.ok(texts.every((text) => text.length < 100_000));
    assert.ok(lines.join('').endsWith(texts.join('')));
  });

  it('--rotate: accepts times and sizes over 1G, rejects other values', () => {
    const rotate = (value: string): Result =>
      tcptrace(['replay', file, '--output', path.join(directory, 'never'), '--rotate', value]);
    for (const value of ['5G', '2T', '1h', '100M,1d']) parse(rotate(value));
    assertRefused(rotate('100m'), 2, /^--rotate: ambiguous value "100m"; use 100M for a size, or seconds/);
    const both = '--rotate: invalid value "1h,1d"; give at most one size and one time';
    assertRefused(rotate('1h,1d'), 2, both);
    for (const flags of [['--keep', '1'], ['--compress']])
      assertRefused(
        tcptrace(['replay', file, ...flags]),
        2,
        `${flags[0] ?? ''} needs --rotate; add --rotate SIZE`,
      );
  });

  it('exits when the reader closes', () => {
    assert.equal(parse(shell(`tcptrace replay --ndjson '${file}' | head -n 1`)), `${line('web', 0)}\n`);
  });
});
