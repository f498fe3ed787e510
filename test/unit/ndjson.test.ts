import assert from 'node:assert/strict';
import fc from 'fast-check';
import {formatNdjson} from '#dist/format/ndjson.js';
import {ACCEPT, anyEvent, BARE, CLOSE, CONNECT, FAIL, LOST, OPEN} from './events.js';
import {runs} from '../helpers/runs.js';

const HEAD = ['time', 'event', 'source'];
const WHO = ['pid', 'comm', 'uid', 'thread'];
const SOCKET = ['family', 'laddr', 'lport', 'raddr', 'rport', 'netns', 'inode'];

function keys(line: string): string[] {
  return Object.keys(JSON.parse(line) as object);
}

describe('NDJSON', () => {
  it('is one line that gives back the event, without what is unknown', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = formatNdjson(event);
        assert.match(line, /^[^\n\r]+\n$/);
        const known = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
        assert.deepStrictEqual(JSON.parse(line), known);
      }),
      runs(3000),
    );
  });

  it('has its keys in the order of the contract', () => {
    assert.deepEqual(keys(formatNdjson(CONNECT)), [...HEAD, ...WHO, ...SOCKET, 'direction', 'latency_us']);
    assert.deepEqual(keys(formatNdjson(ACCEPT)), [...HEAD, ...WHO, ...SOCKET, 'direction']);
    assert.deepEqual(keys(formatNdjson(OPEN)), [...HEAD, ...WHO, ...SOCKET, 'direction']);
    assert.deepEqual(keys(formatNdjson(FAIL)), [...HEAD, ...WHO, ...SOCKET, 'latency_us', 'error']);
    assert.deepEqual(keys(formatNdjson(CLOSE)), [
      ...HEAD,
      ...WHO,
      'owner_pid',
      'owner_comm',
      'owner_uid',
      ...SOCKET,
      'direction',
      'duration_us',
      'tx_bytes',
      'rx_bytes',
      'rtt_us',
      'retrans',
      'ended_by',
    ]);
    assert.deepEqual(keys(formatNdjson(LOST)), [...HEAD, 'count']);
    assert.deepEqual(keys(formatNdjson(BARE)), [...HEAD, 'family', 'raddr', 'rport', 'direction']);
  });

  it('is valid UTF-8 whatever the name', () => {
    const line = formatNdjson({...BARE, comm: '"\\\n\x1b\ud800漢'});
    assert.equal(Buffer.from(line).toString(), line);
    assert.ok(line.includes('"comm":"\\"\\\\\\n\\u001b\\ud800漢"'), line);
  });
});
