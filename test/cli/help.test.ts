import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {COMMANDS} from '../helpers/commands.js';
import {hasProgram, ROOT} from '../helpers/machine.js';
import {skip} from '../helpers/suite.js';
import {assertRefused, run, shell, tcptrace, type Result} from './run.js';

function assertSays({status, stdout, stderr}: Result, text: RegExp): void {
  assert.match(stdout, text);
  assert.equal(stderr, '');
  assert.equal(status, 0);
}

/** All commands with their summaries. */
const LISTED =
  /^COMMANDS\n +compare +compare \w+[^]*\n +doctor +show \w+[^\n]*\n +join +join \w+[^]*\n +list +show \w+[^]*\n +replay +show \w+[^]*\n +watch +show \w+/m;

const COMMAND_NAMES = [
  'watch',
  'list',
  'compare',
  'replay',
  'join',
  'map',
  'schema',
  'top',
  'doctor',
  'completion',
];

/** Help of every command. */
function helpOfAll(): string[] {
  return COMMAND_NAMES.map((command) => tcptrace([command, '--help']).stdout);
}

const WATCH = /^USAGE\n {2}\$ tcptrace watch \[FLAGS\]\n/m;

const NONSENSE = /^unknown flag: --nonsense; /;

describe('help', function () {
  this.slow(1000);

  for (const args of [[], ['--help'], ['-h'], ['help']]) {
    it(`tcptrace ${args.join(' ')}`, () => {
      assertSays(tcptrace(args), LISTED);
    });
  }

  for (const args of [
    ['watch', '--help'],
    ['watch', '-h'],
    ['help', 'watch'],
    ['watch', '--port', '80', '--help'],
  ]) {
    it(`tcptrace ${args.join(' ')}`, () => {
      assertSays(tcptrace(args), WATCH);
    });
  }

  it('tcptrace help doctor', () => {
    assertSays(tcptrace(['help', 'doctor']), /^USAGE\n {2}\$ tcptrace doctor /m);
  });

  it('fills the lines of its paragraphs', () => {
    for (const help of helpOfAll()) {
      const paragraphs = (/^DESCRIPTION\n([^]*?)^EXAMPLES/m.exec(help)?.[1] ?? '').split('\n\n');
      for (const lines of paragraphs.map((paragraph) => paragraph.split('\n')))
        for (const [index, next] of lines.slice(1).entries()) {
          const [word = ''] = next.trim().split(' ');
          const line = lines[index] ?? '';
          // oclif wraps at 79 columns
          if (word !== '') assert.ok(`${line} ${word}`.length >= 79, line);
        }
    }
  });

  for (const command of COMMAND_NAMES) {
    it(`of ${command} names every flag that its manual has, and no other`, () => {
      const manual = readFileSync(path.join(ROOT, `man/tcptrace-${command}.1`), 'utf8');
      const flagsOf = (text: string, pattern: RegExp): string[] =>
        [...text.matchAll(pattern)].map(([, name = '']) => name).sort();
      const help = tcptrace([command, '--help']).stdout.replace(/^DESCRIPTION[^]*/m, '');
      const flags = flagsOf(help, /^ {2}(?: {4}|-\w, )?--([a-z][a-z\d-]*)/gm);
      assert.ok(flags.length >= 2 || ['completion', 'schema'].includes(command));
      assert.deepEqual(flags, flagsOf(manual, /^\.It .*Fl -([a-z][a-z\d-]*)/gm));
    });
  }

  for (const command of COMMAND_NAMES) {
    it(`of ${command} and its manual show the same usage, without placeholders`, function () {
      if (!hasProgram('mandoc')) skip(this, 'no mandoc(1)');
      const render = (page: string): string =>
        run('mandoc', ['-T', 'ascii', '-O', 'width=200', path.join(ROOT, 'man', page)]).stdout.replaceAll(
          /.\x08/g,
          '',
        );
      const manual = render(`tcptrace-${command}.1`);
      assert.doesNotMatch(manual, /<%/);
      const [, usage = ''] = /^USAGE\n((?: .*\n)+)/m.exec(tcptrace([command, '--help']).stdout) ?? [];
      const [, synopsis = ''] = /^SYNOPSIS\n((?: .*\n)+)/m.exec(manual) ?? [];
      const linesOf = (text: string): string[] =>
        text
          .trim()
          .split('\n')
          .map((line) => line.trim().replace('$ ', '').toLowerCase());
      assert.deepEqual(linesOf(synopsis), linesOf(usage));
      assert.ok(render('tcptrace.1').split('SEE ALSO')[1]?.includes(`tcptrace-${command}(1)`));
    });
  }

  for (const command of COMMAND_NAMES) {
    it(`of ${command} has three examples at least, all of them valid`, async () => {
      const [, help = ''] = /^EXAMPLES\n([^]*)/m.exec(tcptrace([command, '--help']).stdout) ?? [];
      const examples = [...help.matchAll(/^ {4}(\S.*)/gm)].map(([, line = '']) => line);
      assert.ok(examples.length >= 3, help);
      for (const example of examples) {
        const lines = [...example.matchAll(/\btcptrace ([^|>&]*)/g)].map(([, line = '']) => line.trim());
        assert.ok(lines.length > 0, example);
        for (const line of lines) {
          const [name, ...argv] = shell(`printf '%s\\n' ${line}`).stdout.trimEnd().split('\n');
          await COMMANDS.find((it) => it.name === name)?.read(argv);
          // an unknown flag is reported before tracing starts
          assertRefused(shell(`tcptrace ${line.replace(/^\w+/, '$& --nonsense')}`), 2, NONSENSE);
        }
      }
    });
  }

  it('the example that finds the largest sender accepts lost events', function () {
    if (!hasProgram('jq')) skip(this, 'no jq');
    // join continued lines, as a shell does
    const help = tcptrace(['watch', '--help']).stdout.replace(/(?: \\)?\s+/g, ' ');
    const [, filter = ''] = / --count 1000 \| (jq -s '[^']+')/.exec(help) ?? [];
    const events = ['"tx_bytes":7', '"tx_bytes":30', '"event":"lost"', '"tx_bytes":2'];
    const {stdout, status} = shell(
      `printf '{%s}\\n' ${events.map((it) => `'${it}'`).join(' ')} | ${filter} -c`,
    );
    assert.deepEqual([stdout, status], ['{"tx_bytes":30}\n', 0]);
  });

  it('to a reader that takes one line, and to one that takes none', () => {
    const first = shell('tcptrace --help | head -n 1; exit ${PIPESTATUS[0]}');
    assertSays(first, /^[^\n]*TCP connection tracer[^\n]*\n$/);
    for (const args of ['--help', 'watch --help', '--version', '']) {
      assertSays(shell(`tcptrace ${args} | true; exit \${PIPESTATUS[0]}`), /^$/);
    }
  });

  it('to a full disk', () => {
    for (const args of ['--help', 'watch --help', '--version', '', 'doctor']) {
      const result = shell(`tcptrace ${args} >/dev/full`);
      assertRefused(result, 1, 'cannot write the output: no space left on device');
    }
  });
});

describe('-h as a value', function () {
  this.slow(1000);

  for (const args of [
    ['list', '--proc', '--comm', '-h', '--pid', '0'],
    ['list', '--proc', '--comm', '--help', '--pid', '0'],
    ['list', '--proc', '-qp', '-h'],
  ])
    it(`tcptrace ${args.join(' ')}`, () => {
      assertRefused(tcptrace(args), 2, /^--pid: invalid value /);
    });

  it('of a command', () => {
    const {stdout} = tcptrace(['watch', '-p', '1', '-h', '--', 'ls', '-h']);
    assert.match(stdout, WATCH);
  });
});

describe('version', () => {
  for (const args of [['-V'], ['version']])
    it(`tcptrace ${args.join(' ')}`, () => {
      assert.deepEqual(tcptrace(args), tcptrace(['--version']));
    });

  it('is that of the package', () => {
    const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};
    const {stdout, ...rest} = tcptrace(['--version']);
    assert.equal(stdout.split(' ')[0], `tcptrace/${version}`);
    assert.match(stdout, /^[^\n]+\n$/);
    assert.deepEqual(rest, {status: 0, stderr: ''});
  });
});
