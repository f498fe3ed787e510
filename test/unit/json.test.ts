import assert from 'node:assert/strict';
import type {Report} from '#dist/compare/report.js';
import type {OpenSocket} from '#dist/model/socket.js';
import {reportComparison} from '#dist/format/reports/comparison.js';
import {reportDiagnosis} from '#dist/format/reports/diagnosis.js';
import {formatJson} from '#dist/format/json.js';
import {formatNdjson, formatNdjsonWithNames} from '#dist/format/ndjson.js';
import {reportSockets} from '#dist/format/reports/sockets.js';
import {CONNECT} from './events.js';
import {jsonOf, ndjsonOf} from './report-text.js';

/** CSI, bidi override, line separator, tag character, line feed. */
const EVIL = 'a\u009b2J\u202e\u2028\u{e0041}\x1b\n漢';

const SOCKET: OpenSocket = {
  source: 'ebpf',
  state: 'listening',
  pid: 7,
  comm: EVIL,
  family: 4,
  laddr: '0.0.0.0',
  lport: 80,
  netns: 1,
  inode: 2,
};

const SOURCE = {
  name: EVIL,
  seen: 1,
  missed: 0,
  missedShort: 0,
  pid: {wrong: 0, missing: 0},
  netns: {wrong: 0, missing: 0},
  delay: undefined,
  cost: undefined,
  lost: 0,
};

const REPORT: Report = {
  window: {startUs: 1, endUs: 2},
  intervalUs: undefined,
  total: 1,
  apart: {beganBefore: 0, endedAfter: 0},
  sources: [SOURCE],
  pairs: [],
  misses: [],
};

const DIAGNOSIS = {kernel: EVIL, arch: 'x64', features: [], probe: null};

/** [JSON text, path of the name in its value]. */
const CASES: Record<string, readonly [text: string, path: readonly string[]]> = {
  'an event': [formatNdjson({...CONNECT, comm: EVIL}), ['comm']],
  'an event with names': [formatNdjsonWithNames({...CONNECT, raddr_name: EVIL}), ['raddr_name']],
  'sockets, a line each': [ndjsonOf(reportSockets([SOCKET], [])), ['comm']],
  'sockets as an array': [jsonOf(reportSockets([SOCKET, SOCKET], [])), ['1', 'comm']],
  'a comparison': [jsonOf(reportComparison(REPORT, false)), ['ways', '0', 'name']],
  'a diagnosis': [jsonOf(reportDiagnosis(DIAGNOSIS)), ['kernel']],
};

describe('JSON', () => {
  for (const [title, [text, path]] of Object.entries(CASES))
    it(`${title}: preserves a hostile name and contains no escape sequence`, () => {
      const value = path.reduce<unknown>(
        (inner, key) => (inner as Record<string, unknown>)[key],
        JSON.parse(text),
      );
      assert.equal(value, EVIL);
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u);
    });

  it('escapes invisible UTF-16 code units only', () => {
    assert.equal(formatJson(EVIL), '"a\\u009b2J\\u202e\\u2028\\udb40\\udc41\\u001b\\n漢"');
    assert.equal(formatJson({a: [1]}, 2), '{\n  "a": [\n    1\n  ]\n}');
  });
});
