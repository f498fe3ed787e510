/** `tcptrace replay`: reading of recordings. */
import assert from 'node:assert/strict';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {parse, writeRecording} from './recording.js';
import {assertRefused, type Result, shell, tcptrace} from './run.js';

describe('replay: input', function () {
  this.timeout(60_000);
  let directory: string;
  let file: string;

  before(() => {
    ({directory, file} = writeRecording());
  });

  after(() => {
    rmSync(directory, {recursive: true});
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
    const countLines = (recording: string): number => {
      writeFileSync(mixed, recording);
      return tcptrace(['replay', mixed]).stderr.trimEnd().split('\n').length;
    };
    assert.deepEqual(
      [countLines(`${'x\n'.repeat(5)}${text}`), countLines(`${text}${'x\n'.repeat(20)}`)],
      [2, 11],
    );
    assert.match(tcptrace(['replay', mixed]).stderr, /mixed: 20 lines are not events, skipped\n$/);
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
});
