/** Asserts that every format of an event is safe for terminals, valid JSON and safe for spreadsheets. */
import assert from 'node:assert/strict';
import type {TraceEvent} from '#dist/model/event.js';
import {COLUMN_NAMES} from '#dist/format/table/columns.js';
import {createCsv} from '#dist/format/csv.js';
import {formatNdjson, formatNdjsonWithNames} from '#dist/format/ndjson.js';
import {createStats} from '#dist/aggregate/stats.js';
import {reportStats} from '#dist/format/reports/stats.js';
import {createTable} from '#dist/format/table/table.js';
import {createPaint} from '#dist/terminal/paint.js';
import {parse} from './parse-csv.js';
import {tableOf} from './report-text.js';

/** Control, invisible and bidirectional characters, which must not reach a terminal. */
export const UNPRINTABLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u;

const plain = createPaint(0);

function assertJson(line: string, event: TraceEvent): void {
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.doesNotMatch(line, /\p{Cs}/u);
  const fields = JSON.parse(line) as Record<string, unknown>;
  // the output contains only fields of the event, unchanged
  for (const [name, value] of Object.entries(fields))
    assert.ok(value === (event as unknown as Record<string, unknown>)[name], name);
}

function assertCsv(text: string): void {
  const [header = [], row = [], ...more] = parse(text);
  assert.equal(more.length, 0);
  assert.equal(row.length, header.length);
  for (const cell of row) assert.doesNotMatch(cell, /^[=+@]|^-\D/);
}

const tables = [createTable(plain, {columns: COLUMN_NAMES, time: 'absolute'}), createTable(plain)];

/** Omits the summary tables, which are slow. */
export function assertPrintable(event: TraceEvent): void {
  for (const format of [formatNdjson, formatNdjsonWithNames]) assertJson(format(event), event);
  const csv = createCsv(true).format(event);
  assertCsv(csv);
  for (const text of [csv, ...tables.map(({format}) => format(event))])
    assert.doesNotMatch(text.replaceAll('\n', ''), UNPRINTABLE);
}

export function assertStatsPrintable(events: readonly TraceEvent[]): void {
  const stats = createStats();
  for (const event of events) stats.add(event);
  assert.doesNotMatch(tableOf(reportStats(stats.rows())).replaceAll('\n', ''), UNPRINTABLE);
}
