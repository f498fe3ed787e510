import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import fc from 'fast-check';
import {formatNdjson} from '#dist/format/ndjson.js';
import {readLines, type RecordedLine} from '#dist/sources/recording/recorded-lines.js';
import {anyEvent, CLOSE} from './events.js';
import {runs} from '../helpers/runs.js';

async function read(...chunks: (string | Uint8Array)[]): Promise<RecordedLine[]> {
  const buffers = chunks.map((chunk) => Buffer.from(chunk));
  const lines: RecordedLine[] = [];
  for await (const line of readLines(Readable.from(buffers, {objectMode: false}))) lines.push(line);
  return lines;
}

const LOST = '{"time":"2026-11-23T12:00:00.123456789Z","event":"lost","source":"kprobe","count":3}';

describe('recording', () => {
  it('is parsed equally for any chunk sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, {maxLength: 20}),
        fc.integer({min: 1, max: 300}),
        async (events, size) => {
          const bytes = Buffer.from(events.map(formatNdjson).join(''));
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
          const lines = await read(...chunks);
          const expected = events.map((event) => JSON.parse(formatNdjson(event)) as unknown);
          assert.deepEqual(
            lines.map(({event}) => event),
            expected,
          );
          assert.deepEqual(
            lines.map(({number}) => number),
            events.map((_, index) => index + 1),
          );
        },
      ),
      {numRuns: 200},
    );
  });

  it('reports invalid lines by number and skips blank ones', async () => {
    const broken = [
      '{',
      'null',
      '1',
      '1,2',
      '],[',
      '{}',
      '[]',
      '"text"',
      LOST.replace('3', '-3'),
      LOST.slice(1),
    ];
    const lines = await read([LOST, '', '  \r', ...broken, LOST].join('\n'));
    const expected: number[] = [1, ...broken.map((_, index) => index + 4), broken.length + 4];
    assert.deepEqual(
      lines.map(({number}) => number),
      expected,
    );
    const whole = lines.filter(({event}) => event !== undefined).map(({number}) => number);
    assert.deepEqual(whole, [1, broken.length + 4]);
  });

  it('reports a truncated last line', async () => {
    assert.deepEqual(
      (await read(`${LOST}\n${LOST.slice(0, 30)}`)).map(({number, event}) => [number, event !== undefined]),
      [
        [1, true],
        [2, false],
      ],
    );
    assert.deepEqual(await read(''), []);
  });

  it('skips a byte order mark', async () => {
    const lines = await read(Buffer.from([0xef]), Buffer.from([0xbb, 0xbf]), `${LOST}\n\uFEFF${LOST}\n`);
    assert.deepEqual(
      lines.map(({event}) => event !== undefined),
      [true, false],
    );
    assert.deepEqual(await read('\uFEFF'), []);
  });

  it('skips an endless line without keeping it', async () => {
    const rest = Buffer.alloc(1 << 20, 'x');
    const lines = await read('{"a":"', ...new Array<Buffer>(64).fill(rest), `"}\n${LOST}\n`);
    assert.deepEqual(
      lines.map(({number, event}) => [number, event !== undefined]),
      [
        [1, false],
        [2, true],
      ],
    );
  });

  it('any bytes: never throws; line numbers increase', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({maxLength: 200}), {maxLength: 5}), async (chunks) => {
        const numbers = (await read(...chunks)).map(({number}) => number);
        assert.deepEqual(
          numbers,
          [...new Set(numbers)].sort((a, b) => a - b),
        );
      }),
      runs(500),
    );
  });

  it('ignores a field named __proto__', async () => {
    const [line] = await read(LOST.replace('{', '{"__proto__":{"polluted":true},'));
    assert.equal(line?.event?.event, 'lost');
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('rejects sources, addresses and numbers that watch cannot write', async () => {
    const close = {...CLOSE, event: 'close'};
    const strange = [
      {...close, source: '\x1b[2J'},
      {...close, raddr: '\x1b[31m'},
      {...close, laddr: 'localhost'},
      {...close, rport: 65_536},
      {...close, lport: 1.5},
      {...close, direction: 'up'},
      {...close, family: 5},
      {...close, direction: undefined},
      {...close, tx_bytes: '\x1b[2J'},
      {...close, retrans: -1},
      {...close, ended_by: '\x1b[2J'},
      {...close, comm: 'x'.repeat(257)},
      {...close, event: 'fail', error: '\x1b[2J'},
    ];
    const lines = await read([close, ...strange].map((it) => JSON.stringify(it)).join('\n'));
    assert.deepEqual(
      lines.map(({event}) => event !== undefined),
      [true, ...strange.map(() => false)],
    );
  });

  it('throws the error of the stream', async () => {
    const stream = new Readable({
      read() {
        this.destroy(new Error('torn'));
      },
    });
    await assert.rejects(readLines(stream).next(), /torn/);
  });
});
