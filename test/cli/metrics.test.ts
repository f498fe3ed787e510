/** Flags of metrics: invalid and unusable values are refused in one line. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {COMMANDS, refusalOf} from '../helpers/commands.js';
import {assertRefused, tcptrace} from './run.js';

const WATCH = COMMANDS.find(({name}) => name === 'watch');

const ADDRESSES = [
  '',
  'x',
  '65536',
  ':9469',
  '::1:9469',
  '[127.0.0.1]:1',
  '1.2.3:1',
  'eth0:1',
  '[::1]',
  '-1',
  '1.5',
];

describe('--metrics', function () {
  this.slow(2000);

  it('says that the address is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const result = tcptrace(['watch', '--proc', '--metrics', address]);
    server.close();
    const complaint = `--metrics: cannot listen on ${address}: address already in use; choose another port`;
    assertRefused(result, 1, complaint);
  });

  const UNUSABLE: readonly (readonly [args: readonly string[], complaint: string])[] = [
    [
      ['--metrics', '192.0.2.1:0'],
      '--metrics: cannot listen on 192.0.2.1:0: address not available; use an address of this machine',
    ],
    [
      ['--metrics-textfile', '/nonexistent/a.prom'],
      'cannot write /nonexistent/a.prom: no such file or directory',
    ],
    [['--metrics-textfile', '/'], 'cannot replace /: not a regular file; name another file'],
  ];
  for (const [args, complaint] of UNUSABLE) {
    it(`reports what is unusable: ${args.join(' ')}`, () => {
      assertRefused(tcptrace(['watch', '--proc', ...args]), 1, complaint);
    });
  }

  const INVALID: readonly (readonly [args: readonly string[], complaint: string])[] = [
    [
      ['--metrics-textfile', 'a', '--output', './a'],
      '--metrics-textfile and --output name the same file; name another file',
    ],
    [['--max-series', '1'], '--max-series applies to metrics; add --metrics PORT'],
    [['--metrics-labels', 'comm'], '--metrics-labels applies to metrics; add --metrics PORT'],
    [
      ['--metrics', '0', '--metrics-interval', '1s'],
      '--metrics-interval needs a file; add --metrics-textfile FILE',
    ],
    [
      ['--metrics', '0', '--metrics-labels', 'com'],
      '--metrics-labels: invalid value "com"; did you mean "comm"?',
    ],
    ...ADDRESSES.map((text): [string[], string] => [
      [`--metrics=${text}`],
      `--metrics: invalid value ${JSON.stringify(text)}; use a port, or address and port such as 0.0.0.0:8080 or [::1]:8080`,
    ]),
  ];
  for (const [args, complaint] of INVALID) {
    it(`refuses ${args.join(' ')}`, async () => {
      assert.ok(WATCH);
      assert.deepEqual(await refusalOf(WATCH, args), {line: complaint, exitCode: 2});
    });
  }
});
