/** Output of `tcptrace top` without a terminal: a table or JSON for each interval. */
import type {Activity} from '../../aggregate/activity-row.js';
import {formatActivityJson, formatActivityNdjson} from '../../format/reports/activity-json.js';
import {formatActivity, formatTotals, pickActivity} from '../../format/reports/activity-table.js';
import {formatNow} from '../../kernel/clock.js';
import type {Output} from '../../output/output.js';
import {type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import {createPaint} from '../../terminal/paint.js';
import type {ShownOptions} from './options.js';
import type {RowNames} from './names.js';
import type {Display} from './screen.js';
import {formatClock, initialView} from './view.js';

const DEFAULT_ROWS = 20;

/** Longest time that a snapshot waits for names. */
const MAX_DELAY_MS = 200;

interface Interval {
  readonly all: readonly Activity[];
  /** The shown rows, with names. */
  readonly rows: readonly Activity[];
  readonly lost: number;
  readonly seconds: number;
  readonly time: string;
}

function createTableFormat(options: ShownOptions, stdout: MaybeTerminal): (interval: Interval) => string {
  const {intervalMs, source} = options;
  const paint = createPaint(resolveColorLevel(options.color, process.env, stdout));
  const view = initialView(options);
  return ({all, rows, lost}) => {
    const table = formatActivity(rows, view, intervalMs, paint, Infinity);
    return `${formatClock()}  ${formatTotals(all, intervalMs, lost, source)}\n${table.join('\n')}\n\n`;
  };
}

function createFormat(options: ShownOptions, stdout: MaybeTerminal): (interval: Interval) => string {
  const {format, grouping, source} = options;
  if (format === 'table') return createTableFormat(options, stdout);
  const formatSnapshot = format === 'json' ? formatActivityJson : formatActivityNdjson;
  return (interval) => formatSnapshot({...interval, grouping, source});
}

/** Prints a table or JSON for each interval; `show` resolves when it is written. */
export function openSnapshots(
  options: ShownOptions,
  names: RowNames,
  output: Output,
  stdout: MaybeTerminal,
): Display {
  const {grouping} = options;
  const most = options.rows ?? (options.format === 'table' ? DEFAULT_ROWS : Infinity);
  const format = createFormat(options, stdout);
  const view = initialView(options);
  return {
    async show(meter) {
      const time = formatNow();
      const all = meter.rows(grouping);
      const [lost, seconds] = [meter.lost(), meter.seconds()];
      const picked = pickActivity(all, view, most);
      await names.settle(picked, MAX_DELAY_MS);
      output.add(format({all, rows: names.complete(picked, grouping), lost, seconds, time}));
      await output.flush();
    },
    close: () => undefined,
  };
}
