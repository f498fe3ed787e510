/** The flags of the output mean the same in every command. */
import assert from 'node:assert/strict';
import {readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {PROBE} from '../helpers/machine.js';
import {connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {parse as parseCsv} from '../unit/parse-csv.js';
import {writeRecording} from './recording.js';
import {type Result, tcptrace} from './run.js';

interface Command {
  /** Returns the words before and after the flags of the output. */
  readonly words: () => readonly [before: readonly string[], after: readonly string[]];
  /** Two columns, and their titles. */
  readonly columns: readonly [names: string, titles: RegExp];
  /** First fields of CSV. */
  readonly csv: string;
  /** Prints one document for each snapshot. */
  readonly isRepeated?: boolean;
}

suite('formats', (stage) => {
  let directory: string;
  let recording: string;
  let port: number;

  before(() => {
    ({directory, file: recording} = writeRecording());
  });

  beforeEach(async () => {
    ({port} = (await connectPair(stage.actor, '127.0.0.1')).listener);
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  const pid = (): string => String(stage.actor.pid);
  const EVENT_COLUMNS = ['comm,remote', /^COMM +REMOTE$/m] as const;

  const COMMANDS: Readonly<Record<string, Command>> = {
    watch: {
      words: () => [
        ['watch', '-q', '--probe', PROBE],
        ['--', 'bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${String(port)}`],
      ],
      columns: EVENT_COLUMNS,
      csv: 'time,event,source,host,pid,comm',
    },
    replay: {
      words: () => [['replay', recording], []],
      columns: EVENT_COLUMNS,
      csv: 'time,event,source,host,pid',
    },
    list: {
      words: () => [['list', '-q', '--pid', pid()], []],
      columns: ['remote,timer', /^REMOTE +TIMER$/m],
      csv: 'source,host,state,pid,comm',
    },
    top: {
      words: () => [['top', '-q', '--pid', pid(), '--count', '1', '--interval', '100ms'], []],
      columns: ['new,open', /^PROCESS +NEW\/s +OPEN$/m],
      csv: 'time,interval_s,by,lost,pid,comm,uid',
      isRepeated: true,
    },
    join: {
      words: () => [['join', '-q', recording], []],
      columns: ['opener,to', /^OPENER +TO$/m],
      csv: 'time,state,flow,direction',
    },
    map: {
      words: () => [['map', '-q', recording], []],
      columns: ['to,connections', /^TO +CONNS$/m],
      csv: 'from,to,ports,connections',
    },
    compare: {
      words: () => [['compare', recording, recording], []],
      columns: ['missed,lost', /^│ SOURCE +│ MISSED │ LOST │$/m],
      csv: 'start,end,connections,name,seen,missed',
    },
    doctor: {
      words: () => [['doctor'], []],
      columns: ['feature,works', /^│ FEATURE +│ WORKS │$/m],
      csv: 'name,ok,detail',
    },
  };

  function run({words}: Command, ...flags: readonly string[]): string {
    const [before, after] = words();
    const {status, stdout, stderr}: Result = tcptrace([...before, ...flags, ...after]);
    assert.deepEqual([stderr, status], ['', 0]);
    return stdout;
  }

  for (const [name, command] of Object.entries(COMMANDS))
    describe(name, () => {
      it('-o json, --json: one document', () => {
        for (const flags of [['-o', 'json'], ['--json']]) {
          const text = run(command, ...flags);
          const document = JSON.parse(text) as object;
          assert.ok(Object.keys(document).length > 0, text);
          if (command.isRepeated) assert.equal(text.split('\n').length, 2);
        }
      });

      it('-o ndjson, --ndjson: a document on each line', () => {
        for (const flags of [['-o', 'ndjson'], ['--ndjson']]) {
          const lines = run(command, ...flags)
            .trimEnd()
            .split('\n');
          for (const line of lines) assert.equal(typeof JSON.parse(line), 'object');
        }
      });

      it('-o csv: one header, which --no-header leaves out', () => {
        const [header = [], ...rows] = parseCsv(run(command, '-o', 'csv'));
        assert.ok(header.join(',').startsWith(command.csv), header.join(','));
        assert.ok(rows.length > 0);
        for (const row of rows) assert.equal(row.length, header.length);
        const bare = parseCsv(run(command, '-o', 'csv', '--no-header'));
        assert.deepEqual([bare.length, bare[0]?.length], [rows.length, header.length]);
      });

      it('--columns, --no-header, --wide: tables', () => {
        const [names, titles] = command.columns;
        assert.match(run(command, '--columns', names), titles);
        assert.doesNotMatch(run(command, '--columns', names, '--no-header'), titles);
        assert.doesNotMatch(run(command, '--wide'), titles);
      });

      it('--color colors the table only', () => {
        assert.match(run(command, '--color', 'always'), /\x1b\[1m/);
        assert.doesNotMatch(run(command, '--color', 'always', '-o', 'csv'), /\x1b/);
      });

      it('--output appends to a file, --truncate empties it', () => {
        const file = path.join(directory, name);
        const lines = (...flags: string[]): number => {
          assert.equal(run(command, '-o', 'ndjson', '--output', file, ...flags), '');
          return readFileSync(file, 'utf8').trimEnd().split('\n').length;
        };
        const first = lines();
        assert.ok(lines() >= 2 * first);
        assert.equal(lines('--truncate'), first);
      });
    });

  it('-o json: an empty array without events', () => {
    const {stdout, status} = tcptrace(['replay', recording, '--json', '--port', '1']);
    assert.deepEqual([stdout, status], ['[]\n', 0]);
  });

  it('--stats prints totals in the same format', () => {
    const stats = (...flags: string[]): string => {
      const {status, stderr} = tcptrace(['replay', recording, '--stats', ...flags]);
      assert.equal(status, 0);
      return stderr;
    };
    const totals = JSON.parse(stats('--json')) as Readonly<Record<string, readonly object[]>>;
    const counts = Object.entries(totals).map(([by, rows]) => [by, rows.length]);
    assert.deepEqual(counts, [
      ['processes', 3],
      ['remotes', 3],
    ]);
    const rows = stats('--ndjson').trimEnd().split('\n');
    assert.deepEqual(
      rows.map((row) => (JSON.parse(row) as {by: string}).by),
      [...Array<string>(3).fill('process'), ...Array<string>(3).fill('remote')],
    );
    assert.match(stats('-o', 'csv'), /^by,pid,comm,/);
    assert.match(stats('-o', 'csv', '--no-header'), /^process,/);
    assert.match(stats(), /^│ PROCESS +│/m);
  });
});
