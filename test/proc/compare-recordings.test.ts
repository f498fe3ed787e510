/** `tcptrace compare FILE FILE`. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {assertRefused, tcptrace} from '../cli/run.js';
import type {ReportFields} from '../helpers/report-fields.js';
import {CLI} from '../helpers/tracer.js';

describe('compare of recordings', function () {
  this.timeout(30_000);
  let directory: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  const event = (kind: string, second: number, inode: number, source: string): string =>
    JSON.stringify({
      time: `2026-11-23T12:00:${String(second).padStart(2, '0')}.000000000Z`,
      event: kind,
      source,
      pid: 7,
      family: 4,
      laddr: '127.0.0.1',
      lport: inode,
      raddr: '127.0.0.1',
      rport: 80,
      inode,
      direction: 'out',
    });

  function write(name: string, ...lines: string[]): string {
    const file = path.join(directory, name);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  }

  /** Two recordings: both have connections 1, 9 and 2; only a has connection 3. */
  function recordings(...extra: string[]): [string, string] {
    const life = (inode: number, from: number, source: string): string[] => [
      event('connect', from, inode, source),
      event('close', from + 1, inode, source),
    ];
    const common = (source: string): string[] => [...life(1, 10, source), ...life(9, 40, source)];
    const a = write('a.ndjson', ...common('kprobe'), ...life(2, 20, 'kprobe'), ...life(3, 30, 'kprobe'));
    const b = write('b.ndjson', ...common('proc'), ...extra, ...life(2, 22, 'proc'));
    return [a, b];
  }

  it('compares files, or a file and stdin', () => {
    const [a, b] = recordings();
    const {status, stdout, stderr} = tcptrace(['compare', a, b, '--json', '--misses']);
    assert.deepEqual([status, stderr], [0, '']);
    const report = JSON.parse(stdout) as ReportFields;
    assert.equal(report.connections, 4);
    assert.deepEqual(
      report.ways.map(({seen, missed}) => [seen, missed]),
      [
        [4, 0],
        [3, 1],
      ],
    );
    assert.deepEqual(
      report.misses.map(({inode}) => inode),
      [3],
    );
    const piped = spawnSync(
      'bash',
      ['-c', '"$1" "$2" compare --json --misses - "$4" <"$3"', 'bash', process.execPath, CLI, a, b],
      {
        encoding: 'utf8',
      },
    );
    assert.deepEqual((JSON.parse(piped.stdout) as ReportFields).misses, report.misses);
  });

  it('prints a table', () => {
    const {status, stdout} = tcptrace(['compare', ...recordings(), '--misses', '--port', '80']);
    assert.equal(status, 0);
    assert.match(stdout, /^4 connections began and ended within 31\.0 s, counted at each endpoint\n/);
    assert.match(stdout, /a\.ndjson \(kprobe\) +│ +4 │ +0 │ +0\.00 % │/);
    assert.match(stdout, /b\.ndjson \(proc\) +│ +3 │ +1 │ +25\.00 % │/);
    assert.match(
      stdout,
      /\n2026-11-23T12:00:30\.000Z 1s 7 - 127\.0\.0\.1:3 127\.0\.0\.1:80 missed by [^\n]*b\.ndjson \(proc\)\n$/,
    );
  });

  it('reports, counts and skips invalid lines; --strict exits with 1', () => {
    const [a, b] = recordings('{', ...new Array<string>(20).fill('no event'));
    const lenient = tcptrace(['compare', a, b, '--json']);
    assert.equal(lenient.status, 0);
    const messages = lenient.stderr.trimEnd().split('\n');
    assert.equal(messages[0], `tcptrace: ${b}:5: not an event, skipped`);
    assert.equal(messages.length, 11);
    assert.equal(messages.at(-1), `tcptrace: ${b}: 21 lines are not events, skipped`);
    assertRefused(
      tcptrace(['compare', a, b, '--strict']),
      1,
      `${b}:5: not an event; leave out --strict to skip such lines`,
    );
  });

  it('refuses recordings of different times', () => {
    const a = write('early.ndjson', event('connect', 1, 1, 'kprobe'), event('close', 2, 1, 'kprobe'));
    const b = write('late.ndjson', event('connect', 3, 1, 'kprobe'), event('close', 4, 1, 'kprobe'));
    for (const files of [
      [a, b],
      [b, a],
    ])
      assertRefused(
        tcptrace(['compare', ...files]),
        1,
        `${files.join(' and ')} do not overlap: one ends before the other begins; compare recordings of the same time`,
      );
    const nothing = write('nothing.ndjson');
    assert.match(tcptrace(['compare', a, nothing]).stdout, /^0 connections began and ended within 0\.0 s/);
  });

  it('reports a file that cannot be read', () => {
    const [a] = recordings();
    assertRefused(tcptrace(['compare', a, '/nowhere']), 1, 'cannot read /nowhere: no such file or directory');
    assertRefused(
      tcptrace(['compare', directory, a]),
      1,
      `cannot read ${directory}: illegal operation on a directory`,
    );
  });
});
