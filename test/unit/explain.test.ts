import assert from 'node:assert/strict';
import {explain} from '#dist/cli/run/errors.js';
import {ExitCode, TcptraceError} from '#dist/model/errors.js';

/** An error as oclif's parser throws it. */
function parserError(message: string, exit?: number): Error {
  return Object.assign(new Error(message), {oclif: exit === undefined ? {} : {exit}});
}

describe('explain', () => {
  it('gives our errors as they are, with what to do', () => {
    const lost = new TcptraceError('3 events were lost', ExitCode.LOST, 'raise --buffer-size');
    assert.deepEqual(explain(lost, 'watch'), {
      line: '3 events were lost; raise --buffer-size',
      exitCode: 4,
    });
    const bare = new TcptraceError('no such process: 1', ExitCode.USAGE);
    assert.deepEqual(explain(bare, 'watch'), {line: 'no such process: 1', exitCode: 2});
  });

  it("rewords the parser's errors, in one line, with where to look", () => {
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
        'Unexpected argument: extra\nSee more help with --help',
        'watch',
        'unexpected argument: "extra"; to trace a command, write it behind --',
      ],
      [
        'Unexpected argument: \nSee more help with --help',
        'doctor',
        'unexpected argument: ""; see tcptrace doctor --help',
      ],
      [
        'Unexpected arguments: a, b',
        'watch',
        'unexpected arguments: a, b; to trace a command, write it behind --',
      ],
      [
        'Expected --color=x to be one of: auto, always, never\nSee more help with --help',
        'watch',
        '--color: "x" is none of auto, always, never; see tcptrace watch --help',
      ],
      ['Nonexistent flag: --a\n\x1b[2J', 'watch', 'unknown flag: --a \\x1b[2J; see tcptrace watch --help'],
      ['Flag --count expects a value', 'watch', '--count expects a value; see tcptrace watch --help'],
    ];
    for (const [message, command, line] of cases) {
      assert.deepEqual(explain(parserError(message, 2), command), {line, exitCode: 2});
    }
  });

  it('takes the exit code of the parser, wrong usage if it has none', () => {
    assert.equal(explain(parserError('x', 7), undefined).exitCode, 7);
    assert.equal(explain(parserError('x'), undefined).exitCode, 2);
  });

  it('says nothing where oclif only wants to end', () => {
    const exit = Object.assign(parserError('EEXIT: 0', 0), {code: 'EEXIT'});
    assert.deepEqual(explain(exit, 'watch'), {line: undefined, exitCode: 0});
  });

  it('knows that descriptors may run out anywhere', () => {
    const error = Object.assign(new Error("EMFILE: too many open files, open 'x'"), {code: 'EMFILE'});
    const wanted = {line: 'too many open files; raise ulimit -n', exitCode: 1};
    assert.deepEqual(explain(error, 'watch'), wanted);
  });

  it('takes anything else for a mistake of ours', () => {
    const wanted = {line: 'unexpected error: boom; DEBUG=tcptrace shows where', exitCode: 1};
    assert.deepEqual(explain(new Error('boom\nmore of it'), 'watch'), wanted);
    assert.deepEqual(explain('boom', undefined), wanted);
  });
});
