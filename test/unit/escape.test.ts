import assert from 'node:assert/strict';
import fc from 'fast-check';
import {escapeText} from '#dist/terminal/escape.js';
import {textWidth} from '#dist/terminal/width.js';
import {runs} from '../helpers/runs.js';

/** Random UTF-16 code units, including lone surrogates. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({min: 0, max: 0xffff}),
      fc.integer({min: 0, max: 0xa0}),
      fc.integer({min: 0x2000, max: 0x206f}),
      fc.integer({min: 0xd800, max: 0xdfff}),
    ),
  )
  .map((units) => String.fromCharCode(...units));

describe('untrusted text', () => {
  it('keeps harmless text', () => {
    for (const text of ['', 'curl', 'a b', '~!"\\', 'naïve', '漢字', 'Ελλάδα', '🚀']) {
      assert.equal(escapeText(text), text);
    }
  });

  it('escapes control, invisible and bidirectional characters', () => {
    const cases: Record<string, string> = {
      '\x1b[2J': '\\x1b[2J',
      '\n\r\t\b\0': '\\x0a\\x0d\\x09\\x08\\x00',
      '\x7f\x80\x9b31m': '\\x7f\\x80\\x9b31m',
      'a\u202eb\u2066': 'a\\u{202e}b\\u{2066}',
      '\u200b\u200d\ufeff\u00ad': '\\u{200b}\\u{200d}\\u{feff}\\xad',
      '\u2028\u2029': '\\u{2028}\\u{2029}',
      '\u{e0041}\u{fe0f}\u{e0100}': '\\u{e0041}\\u{fe0f}\\u{e0100}',
      '\ud800x\udfff': '\\u{d800}x\\u{dfff}',
      '\u00a0\u3000\u2800\u3164\u115f': '\\xa0\\u{3000}\\u{2800}\\u{3164}\\u{115f}',
      '\ue000\u0378': '\\u{e000}\\u{378}',
    };
    for (const [text, escaped] of Object.entries(cases)) assert.equal(escapeText(text), escaped);
  });

  it('leaves no control, format, bidi or zero-width character in random text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.doesNotMatch(
          escapeText(text),
          /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u,
        );
      }),
      runs(5000),
    );
  });

  it('changes nothing else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const back = escapeText(text).replaceAll(
          /\\x([\da-f]{2})|\\u\{([\da-f]+)\}/g,
          (_, byte: string, code: string) => String.fromCodePoint(parseInt(byte || code, 16)),
        );
        assert.equal(back, text);
      }),
    );
  });

  it('computes the display width', () => {
    const piece = fc.constantFrom<[string, number]>(
      ['a', 1],
      ['~', 1],
      ['é', 1],
      ['e\u0301', 1],
      ['я', 1],
      ['漢', 2],
      ['한', 2],
      ['Ａ', 2],
      ['🚀', 2],
      ['\x1b', 4],
      ['\u202e', 8],
      ['\u{e0041}', 9],
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = escapeText(pieces.map(([piece]) => piece).join(''));
        const width = pieces.reduce((sum, [, columns]) => sum + columns, 0);
        assert.equal(textWidth(text), width);
      }),
    );
  });
});
