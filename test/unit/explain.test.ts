import assert from 'node:assert/strict';
import {explain} from '#dist/cli/run/errors.js';
import {ExitCode, TcptraceError} from '#dist/model/errors.js';

/** An error as oclif's parser throws it. */
function parserError(message: string, exit?: number): Error {
  return Object.assign(new Error(message), {oclif: exit === undefined ? {} : {exit}});
}

describe('explain', () => {
  it('prints the message and the hint of a TcptraceError', () => {
    const lost = new TcptraceError('3 events were lost', ExitCode.LOST, 'raise --buffer-size');
    assert.deepEqual(explain(lost, 'watch'), {
      line: '3 events were lost; raise --buffer-size',
      exitCode: 4,
    });
    const bare = new TcptraceError('no such process: 1', ExitCode.USAGE);
    assert.deepEqual(explain(bare, 'watch'), {line: 'no such process: 1', exitCode: 2});
  });

  it("rewords the parser's errors in one line", () => {
    const cases: [string, string | undefined, string][] = [
      ['command nonsense not found', 'nonsense', 'unknown command: "nonsense"; see tcptrace --help'],
      ['Command nonsense not found.', 'nonsense', 'unknown command: "nonsense"; see tcptrace --help'],
      ['command  not found', '', 'unknown command: ""; see tcptrace --help'],
      ['command a:b not found', 'a:b', 'unknown command: "a:b"; see tcptrace --help'],
      ['command --x not found', undefined, 'unknown flag: --x; see tcptrace --help'],
      [
        'Nonexistent flag: --x\nSee more help with --help',
        'watch',
        'unknown flag: --x; see tcptrace watch --help',
      ],
      ['Nonexistent flags: -a, -b', 'doctor', 'unknown flag: -a, -b; see tcptrace doctor --help'],
      [
        'Unexpected argument: \nSee more help with --help',
        'doctor',
        'unexpected argument: ""; see tcptrace doctor --help',
      ],
      ['Nonexistent flag: --a\n\x1b[2J', 'watch', 'unknown flag: --a \\x1b[2J; see tcptrace watch --help'],
      ['Flag --count expects a value', 'watch', '--count expects a value; see tcptrace watch --help'],
    ];
    for (const [message, command, line] of cases) {
      assert.deepEqual(explain(parserError(message, 2), command), {line, exitCode: 2});
    }
  });

  it('suggests a similar command', () => {
    const {line} = explain(parserError('command wacth not found'), 'wacth', () => ['list', 'watch']);
    assert.equal(line, 'unknown command: "wacth"; did you mean "watch"?');
  });

  it('takes the exit code of the parser, by default that of invalid usage', () => {
    assert.equal(explain(parserError('x', 7), undefined).exitCode, 7);
    assert.equal(explain(parserError('x'), undefined).exitCode, 2);
  });

  it('prints nothing if oclif only exits', () => {
    const exit = Object.assign(parserError('EEXIT: 0', 0), {code: 'EEXIT'});
    assert.deepEqual(explain(exit, 'watch'), {line: undefined, exitCode: 0});
  });

  it('explains EMFILE', () => {
    const error = Object.assign(new Error("EMFILE: too many open files, open 'x'"), {code: 'EMFILE'});
    const expected = {line: 'too many open files; raise ulimit -n', exitCode: 1};
    assert.deepEqual(explain(error, 'watch'), expected);
  });

  it('reports anything else as unexpected', () => {
    const expected = {line: 'unexpected error: boom; DEBUG=tcptrace shows where', exitCode: 1};
    assert.deepEqual(explain(new Error('boom\nmore of it'), 'watch'), expected);
    assert.deepEqual(explain('boom', undefined), expected);
  });
});
