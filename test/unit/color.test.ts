import assert from 'node:assert/strict';
import {type ColorChoice, resolveColorLevel} from '#dist/terminal/color.js';
import {createPaint} from '#dist/terminal/paint.js';

const PIPE = {};
const terminal = (depth: number) => ({isTTY: true, getColorDepth: () => depth});

type Environment = Record<string, string>;

describe('color', () => {
  it('uses the color depth of the terminal, none in a pipe', () => {
    const levels = [1, 4, 8, 24].map((depth) => resolveColorLevel('auto', {}, terminal(depth)));
    assert.deepEqual(levels, [0, 1, 2, 3]);
    assert.equal(resolveColorLevel('auto', {}, PIPE), 0);
    assert.equal(resolveColorLevel('auto', {}, {isTTY: false, getColorDepth: () => 24}), 0);
    assert.equal(resolveColorLevel('auto', {}, {isTTY: true}), 0);
  });

  it('passes the environment to getColorDepth()', () => {
    const env = {TERM: 'dumb'};
    const seen: unknown[] = [];
    const stream = {
      isTTY: true,
      getColorDepth(given?: object) {
        seen.push(given);
        return 1;
      },
    };
    resolveColorLevel('auto', env, stream);
    resolveColorLevel('auto', {...env, NO_COLOR: ''}, stream);
    assert.deepEqual(seen, [env, env]);
  });

  it('precedence: flag, NO_COLOR, FORCE_COLOR, terminal', () => {
    const cases: [ColorChoice, Environment, number, number][] = [
      // flag, environment, level in a pipe, level on a terminal with 256 colors
      ['auto', {NO_COLOR: '1'}, 0, 0],
      ['auto', {NO_COLOR: '0'}, 0, 0],
      ['auto', {NO_COLOR: ''}, 0, 2],
      ['auto', {FORCE_COLOR: '1'}, 1, 1],
      ['auto', {FORCE_COLOR: '3'}, 3, 3],
      ['auto', {FORCE_COLOR: 'true'}, 1, 1],
      ['auto', {FORCE_COLOR: ''}, 1, 1],
      ['auto', {FORCE_COLOR: '0'}, 0, 0],
      ['auto', {FORCE_COLOR: 'false'}, 0, 0],
      ['auto', {NO_COLOR: '1', FORCE_COLOR: '3'}, 0, 0],
      ['auto', {NO_COLOR: '', FORCE_COLOR: '3'}, 3, 3],
      ['always', {}, 1, 2],
      ['always', {NO_COLOR: '1'}, 1, 2],
      ['always', {FORCE_COLOR: '3'}, 3, 3],
      ['always', {FORCE_COLOR: '0'}, 1, 1],
      ['never', {}, 0, 0],
      ['never', {FORCE_COLOR: '3'}, 0, 0],
    ];
    for (const [choice, env, inPipe, onTerminal] of cases) {
      const levels = [PIPE, terminal(8)].map((stream) => resolveColorLevel(choice, env, stream));
      assert.deepEqual(levels, [inPipe, onTerminal], `${choice} ${JSON.stringify(env)}`);
    }
  });

  it('level 0 does not change text', () => {
    const [plain, basic] = [createPaint(0), createPaint(1)];
    assert.equal(plain.header('x') + plain.event('fail', 'y') + plain.verdict(true, 'z'), 'xyz');
    assert.equal(basic.header('x'), '\x1b[1mx\x1b[22m');
    assert.equal(basic.event('fail', 'y'), '\x1b[1m\x1b[31my\x1b[39m\x1b[22m');
    assert.notEqual(basic.verdict(true, 'z'), basic.verdict(false, 'z'));
  });
});
