/** Any command line either parses to options, or fails with one line and exit code 2. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {explain} from '#dist/cli/run/errors.js';
import {type Command, COMMANDS} from '../helpers/commands.js';
import {runs} from '../helpers/runs.js';

/** Valid values of some flags. */
const KNOWN =
  '0 1 80 1-10 65535 4026531840 10.0.0.0/8 ::1 fd00::/8 0.0.0.0/0 connect lost close curl c*l root table wide ndjson csv json raddr 1s 500ms 8M 64K 1.5 auto proc fentry always absolute process remote new open / /proc/self/ns/net /tmp -'.split(
    ' ',
  );

/** No word of a command line holds a NUL. */
const strange = fc.string({unit: 'binary', maxLength: 20}).map((text) => text.replaceAll('\0', ''));
const digits = fc.stringMatching(/^-?\d{1,20}(?:\.\d{1,3})?[smhdkMGT%/:-]?\d{0,3}$/);
const edge = fc.constantFrom(
  '',
  '9'.repeat(400),
  '1e9',
  '-1',
  '0x10',
  'a'.repeat(5000),
  '*'.repeat(200),
  '../'.repeat(2000),
);
const value = fc.oneof(
  {weight: 8, arbitrary: fc.constantFrom(...KNOWN)},
  {weight: 2, arbitrary: digits},
  {weight: 1, arbitrary: edge},
  {weight: 1, arbitrary: strange},
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...KNOWN), strange).map(([known, text]) => `${known},${text}`),
  },
);

/** A word or two: mostly a flag that the command has, with a value where it takes one. */
function wordsFor(command: Command): fc.Arbitrary<readonly string[]> {
  const flags = Object.entries(command.flags);
  const flag = fc.constantFrom(...flags).chain(([name, {type, char}]) => {
    const spelling = fc.constantFrom(`--${name}`, ...(char === undefined ? [] : [`-${char}`]));
    if (type === 'boolean') return spelling.map((word) => [word]);
    // names of users that are not local are asked for by getent(1), which takes long
    const values = name.endsWith('user') ? fc.constantFrom('root', '0', '') : value;
    return fc.oneof(
      {weight: 9, arbitrary: fc.tuple(spelling, values)},
      {weight: 3, arbitrary: fc.tuple(spelling, values).map(([word, text]) => [`${word}=${text}`])},
      {weight: 1, arbitrary: spelling.map((word) => [word])},
    );
  });
  return fc.oneof(
    {weight: 20, arbitrary: flag},
    {weight: 3, arbitrary: value.map((word) => [word])},
    {weight: 1, arbitrary: strange.map((word) => [`--${word}`])},
    {weight: 1, arbitrary: strange.map((word) => [`-${word}`])},
    {weight: 1, arbitrary: fc.constant(['--'])},
  );
}

describe('any command line', function () {
  this.timeout(0);
  const withFlags = COMMANDS.filter(({flags}) => Object.keys(flags).length > 0);
  for (const command of withFlags) {
    const {name, files, read} = command;
    it(`of ${name}`, async () => {
      // mostly the right number of arguments, because reporting a missing one is slow
      const before = fc.oneof(
        {weight: 9, arbitrary: fc.constant(['a', 'b'].slice(0, files))},
        {weight: 1, arbitrary: fc.constant([])},
      );
      const argvs = fc
        .tuple(before, fc.array(wordsFor(command), {maxLength: 4}))
        .map((words) => words.flat(2));
      let [understood, refused] = [0, 0];
      await fc.assert(
        fc.asyncProperty(argvs, async (argv) => {
          try {
            await read(argv);
            understood += 1;
          } catch (error) {
            refused += 1;
            const {line = '', exitCode} = explain(error, name);
            assert.equal(exitCode, 2, error instanceof Error ? error.stack : '');
            assert.match(line, /^[^\p{Cc}\p{Bidi_Control}]+$/u);
          }
        }),
        {numRuns: Math.ceil(runs(3000).numRuns / withFlags.length)},
      );
      // the words are such that both happens
      assert.ok(
        understood > refused / 20 && refused > understood / 20,
        `${String(understood)}, ${String(refused)}`,
      );
    });
  }
});
