/** Formats reports as text. */
import {formatLines, type Report, type ReportOptions} from '#dist/format/reports/report.js';
import {notationOf} from '#dist/format/notation.js';
import {createPaint} from '#dist/terminal/paint.js';

/** Whole tables without color. */
export const WHOLE: ReportOptions = {
  paint: createPaint(0),
  width: undefined,
  columns: undefined,
  header: true,
  notation: notationOf(false),
  isWide: false,
};

export function tableOf(report: Report, options: Partial<ReportOptions> = {}): string {
  return [...report.formatTable({...WHOLE, ...options})].join('');
}

export function jsonOf(report: Report): string {
  return [...report.formatJson()].join('');
}

export function ndjsonOf({records}: Report): string {
  return formatLines(records).join('');
}
