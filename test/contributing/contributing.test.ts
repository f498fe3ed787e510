/**
 * docs/contributing.md is true: one new flag, field, filter and format are added to a copy of the tree. They touch only
 * the files that the document names, the copy builds, and the additions work. The addon is not built, which takes a minute.
 */
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {CLOSE, CONNECT} from '../unit/events.js';
import {apply, type Change, namedFiles, touched} from './change.js';
import {TreeCopy} from './copy.js';
import {FIELD} from './field.js';
import {FILTER} from './filter.js';
import {FLAG} from './flag.js';
import {FORMAT} from './format.js';

const CHANGES: readonly Change[] = [FLAG, FIELD, FILTER, FORMAT];

/** Files that `make layout` and `make manual` write. */
const GENERATED = /^(?:src\/kernel\/layout\.ts|README\.md|man\/[\w-]+\.\d|completions\/.*)$/;

/** Mentions of a flag: in the help, the manual and the completions of replay. */
function assertListed(copy: TreeCopy, name: string): void {
  assert.match(copy.tcptrace('replay', '--help'), new RegExp(`\\b${name}\\b`));
  for (const file of ['man/tcptrace-replay.1', 'completions/tcptrace.bash', 'completions/_tcptrace'])
    assert.match(copy.read(file).replaceAll('\\-', '-'), new RegExp(`\\b${name}\\b`), file);
}

describe('contributing', function () {
  this.timeout(300_000);
  let copy: TreeCopy;
  let recording: string;

  before(() => {
    copy = new TreeCopy();
    for (const change of CHANGES) apply(change, copy.root);
    copy.run('make', '--silent', 'layout');
    copy.run('make', '--silent', '-j2', 'manual', 'build/decide', 'build/test/.built');
    recording = path.join(copy.root, 'build/recording');
    const events = [CONNECT, {...CLOSE, example: 64}, {...CONNECT, rport: 80}, {...CLOSE, rport: 8080}];
    writeFileSync(recording, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  });

  after(() => {
    copy[Symbol.dispose]();
  });

  function replay(...flags: readonly string[]): readonly string[] {
    return copy
      .tcptrace('replay', '--strict', recording, ...flags)
      .trimEnd()
      .split('\n');
  }

  for (const change of CHANGES)
    it(`${change.heading}: touches only the files that docs/contributing.md names`, () => {
      const named = namedFiles(copy.read('docs/contributing.md'), change.heading);
      const others = touched(change).filter((file) => !named.some((pattern) => pattern.test(file)));
      assert.deepEqual(others, []);
    });

  it('all other changes are generated', () => {
    const byHand = CHANGES.flatMap(touched);
    const others = copy.changedFiles().filter((file) => !byHand.includes(file) && !GENERATED.test(file));
    assert.deepEqual(others, []);
  });

  it('the flag: works; help, manual and completion list it', () => {
    assert.equal(replay('--ndjson').length, 4);
    assert.equal(replay('--ndjson', '--every', '2').length, 2);
    assertListed(copy, 'every');
    copy.mocha(['test/cli/flags.test.ts'], '^replay: .*--every$');
  });

  it('the field: formats, schema, manual and README have it', () => {
    assert.match(copy.tcptrace('schema'), /"example"/);
    const [header = '', , close = ''] = replay('-o', 'csv');
    assert.equal(close.split(',')[header.split(',').indexOf('example')], '64');
    assert.match(replay('--ndjson')[1] ?? '', /,"example":64[,}]/);
    assert.match(replay('--columns', 'example').join('\n'), /^EXAMPLE\b[^]*^ *64\b/m);
    assert.match(copy.read('README.md'), /^\| `example` \|/m);
    assert.match(copy.read('man/tcptrace-events.5'), /^\.It .*example/m);
    const tests = ['json-schema', 'ndjson', 'csv', 'recording', 'table', 'decode'];
    copy.mocha(tests.map((name) => `test/unit/${name}.test.ts`));
  });

  it('the filter: kernel and user space decide the same; every command has it', () => {
    assert.equal(replay('--ndjson', '--high-ports').length, 1);
    assertListed(copy, 'high-ports');
    copy.mocha(['test/unit/any-filter.test.ts']);
    const commands = ['list-flags', 'top', 'compare', 'replay'];
    copy.mocha(
      commands.map((name) => `test/cli/${name}.test.ts`),
      'tests every filter flag|replay --high-ports',
    );
  });

  it('the format: prints; help, manual and completion list it', () => {
    assert.deepEqual(replay('--format', 'pairs')[0], `connect ${CONNECT.raddr} ${String(CONNECT.rport)}`);
    assertListed(copy, 'pairs');
  });
});
